// Instructions on memory, code and data.
#include "evm/keccak.hpp"
#include "instructions.hpp"

namespace strikefold::evm {

namespace {

// Larger memory costs more than any block's gas: 2^45 for 2^32 bytes. Rounded up to words, the
// largest size still fits 32 bits.
constexpr std::uint64_t max_memory = std::uint64_t{1} << 32;
constexpr std::uint64_t copy_word_gas = 3;
constexpr std::uint64_t hash_word_gas = 6;

[[nodiscard]] std::uint64_t memory_gas(std::size_t words) noexcept {
    const std::uint64_t wide = words;
    return 3 * wide + wide * words / 512;
}

[[nodiscard]] std::uint64_t copy_gas(const Word& size) noexcept {
    constexpr std::uint64_t unpayable = std::uint64_t{1} << 63;
    if (size.saturated64() >= max_memory) return unpayable;
    return copy_word_gas * words_of(size.low64());
}

// Writes source[offset, ...) over a range, zero beyond the source's end.
void write_padded(Machine& machine, Frame& frame, const Range& range, View source,
                  const Word& offset) noexcept {
    if (range.size == 0) return;
    machine.state.meter.add(zk_gas::copy_word, words_of(range.size));
    std::uint8_t* to = machine.memory_of(frame) + range.offset;
    std::size_t size = 0;
    if (offset.saturated64() < source.size()) {
        const auto start = static_cast<std::size_t>(offset.low64());
        size = std::min(range.size, source.size() - start);
        copy(to, source.subspan(start, size));
    }
    std::memset(to + size, 0, range.size - size);
}

// Takes (to, from, size) and pays for copying.
[[nodiscard]] bool prepare_copy(Machine& machine, Frame& frame, Range& range, Word& from) {
    const Word to = pop(frame);
    from = pop(frame);
    const Word size = pop(frame);
    return charge(frame, copy_gas(size)) && expand(machine, frame, to, size, range);
}

[[nodiscard]] Signal copy_from(Machine& machine, Frame& frame, View source) {
    Range range;
    Word from;
    if (!prepare_copy(machine, frame, range, from)) return Signal::out_of_gas;
    write_padded(machine, frame, range, source, from);
    return Signal::next;
}

}  // namespace

bool expand(Machine& machine, Frame& frame, const Word& offset, const Word& size, Range& range) {
    range = {};
    if (size.is_zero()) return true;
    const std::uint64_t start = offset.saturated64(), length = size.saturated64();
    if (start >= max_memory || length >= max_memory || start + length > max_memory - 32) {
        Word end;
        frame.memory_overflow = add_overflows(offset, size, end) || !end.fits_u64();
        return false;
    }
    range = {static_cast<std::size_t>(start), static_cast<std::size_t>(length)};
    const std::size_t end = range.offset + range.size;
    if (end <= frame.memory_size) return true;
    const std::size_t words = (end + 31) / 32;
    if (!charge(frame, memory_gas(words) - memory_gas(frame.memory_size / 32))) return false;
    machine.grow_memory(frame, 32 * words);
    return true;
}

namespace instructions {

Signal keccak256(Machine& machine, Frame& frame) {
    const Word offset = pop(frame), size = pop(frame);
    Range range;
    if (!expand(machine, frame, offset, size, range) ||
        !charge(frame, hash_word_gas * words_of(range.size)))
        return Signal::out_of_gas;
    machine.state.meter.add(zk_gas::keccak_block, range.size / keccak_rate);
    push(frame, Word(evm::keccak256(read(machine, frame, range))));
    return Signal::next;
}

Signal mload(Machine& machine, Frame& frame) {
    Word& top = frame.sp[-1];
    Range range;
    if (!expand(machine, frame, top, 32, range)) return Signal::out_of_gas;
    top.load(read(machine, frame, range).first<32>());
    return Signal::next;
}

Signal mstore(Machine& machine, Frame& frame) {
    frame.sp -= 2;
    Range range;
    if (!expand(machine, frame, frame.sp[1], 32, range)) return Signal::out_of_gas;
    frame.sp[0].store(machine.memory_of(frame) + range.offset);
    return Signal::next;
}

Signal mstore8(Machine& machine, Frame& frame) {
    const Word offset = pop(frame), value = pop(frame);
    Range range;
    if (!expand(machine, frame, offset, 1, range)) return Signal::out_of_gas;
    machine.memory_of(frame)[range.offset] = static_cast<std::uint8_t>(value.low64());
    return Signal::next;
}

Signal mcopy(Machine& machine, Frame& frame) {
    const Word to = pop(frame), from = pop(frame), size = pop(frame);
    Range target, source;
    if (!charge(frame, copy_gas(size)) ||
        !expand(machine, frame, from < to ? to : from, size, target))
        return Signal::out_of_gas;
    if (!expand(machine, frame, to, size, target) || !expand(machine, frame, from, size, source))
        return Signal::out_of_gas;
    std::uint8_t* memory = machine.memory_of(frame);
    machine.state.meter.add(zk_gas::copy_word, words_of(target.size));
    if (target.size != 0) std::memmove(memory + target.offset, memory + source.offset, target.size);
    return Signal::next;
}

Signal call_data_load(Machine& machine, Frame& frame) {
    const View input = machine.input_of(frame);
    Word& top = frame.sp[-1];
    const std::uint64_t offset = top.saturated64();
    if (input.size() >= 32 && offset <= input.size() - 32) {
        top.load(input.subspan(static_cast<std::size_t>(offset)).first<32>());
        return Signal::next;
    }
    Hash bytes{};
    if (offset < input.size()) {
        const auto start = static_cast<std::size_t>(offset);
        copy(bytes.data(), input.subspan(start, std::min<std::size_t>(32, input.size() - start)));
    }
    top = Word(bytes);
    return Signal::next;
}

Signal call_data_copy(Machine& machine, Frame& frame) {
    Range range;
    Word from;
    if (!prepare_copy(machine, frame, range, from)) return Signal::out_of_gas;
    write_padded(machine, frame, range, machine.input_of(frame), from);
    return Signal::next;
}

Signal code_copy(Machine& machine, Frame& frame) {
    return copy_from(machine, frame, frame.code->bytes());
}

Signal return_data_copy(Machine& machine, Frame& frame) {
    const std::uint64_t from = frame.sp[-2].saturated64(), size = frame.sp[-3].saturated64();
    const std::size_t available = machine.return_data.size();
    if (from > available || size > available - from) return Signal::return_data_out_of_bounds;
    return copy_from(machine, frame, machine.return_data);
}

Signal ext_code_copy(Machine& machine, Frame& frame) {
    StateAccount& entry = machine.state.account_entry(pop(frame).to_address());
    Range range;
    Word from;
    if (!prepare_copy(machine, frame, range, from) || !access(machine, frame, entry))
        return Signal::out_of_gas;
    const Code& code = machine.state.code(machine.state.load(entry));
    write_padded(machine, frame, range, code.bytes(), from);
    return Signal::next;
}

Signal log(Machine& machine, Frame& frame, std::size_t topics) {
    if (frame.is_static) return Signal::write_protection;
    const Word offset = pop(frame), size = pop(frame);
    const std::uint64_t bytes = size.saturated64();
    Range range;
    if (bytes >= max_memory || !charge(frame, 375 * topics + 8 * bytes) ||
        !expand(machine, frame, offset, size, range))
        return Signal::out_of_gas;
    machine.state.meter.add(zk_gas::log_word, words_of(range.size));
    Log log{frame.self->address, {}, {}};
    log.topics.reserve(topics);
    for (std::size_t i = 0; i < topics; ++i) log.topics.push_back(pop(frame).to_bytes());
    append(log.data, read(machine, frame, range));
    machine.state.add_log(std::move(log));
    return Signal::next;
}

Signal return_(Machine& machine, Frame& frame) {
    const Word offset = pop(frame), size = pop(frame);
    Range range;
    if (!expand(machine, frame, offset, size, range)) return Signal::out_of_gas;
    const View data = read(machine, frame, range);
    machine.state.meter.add(zk_gas::return_word, words_of(range.size));
    machine.output.clear();
    append(machine.output, data);
    return Signal::returned;
}

Signal revert(Machine& machine, Frame& frame) {
    const Signal signal = return_(machine, frame);
    return signal == Signal::returned ? Signal::reverted : signal;
}

}  // namespace instructions

}  // namespace strikefold::evm
