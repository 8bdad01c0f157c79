# The entry point: stack, global pointer, constructors, main, and the end of the run.

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    la      sp, _stack_top
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      s0, _constructors_start
    la      s1, _constructors_end
    beq     s0, s1, 2f
1:  lw      t0, 0(s0)
    addi    s0, s0, 4
    jalr    t0
    bne     s0, s1, 1b
2:  call    main
    call    zkvm_exit
    .size _start, . - _start
