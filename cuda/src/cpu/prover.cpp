#include <chrono>
#include <prover/buses.hpp>
#include <prover/prover.hpp>
#include <prover/zerocheck.hpp>

namespace strikefold
{
namespace
{
/// Names the time since the last call.
class Stopwatch
{
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_ = Clock::now();
    Timings& timings_;

public:
    explicit Stopwatch(Timings& timings) : timings_{timings} {}
    void lap(const char* phase)
    {
        const auto now = Clock::now();
        timings_.emplace_back(phase, std::chrono::duration<double>(now - last_).count());
        last_ = now;
    }
};

}  // namespace

ProvingKey::ProvingKey(KeyParameters parameters, std::vector<Graph> graphs,
    std::vector<std::vector<Array<Fp>>> fixed, Array<Fp> preprocessed_stack)
  : parameters_{std::move(parameters)},
    graphs_{std::move(graphs)},
    fixed_{std::move(fixed)},
    preprocessed_stack_{std::move(preprocessed_stack)}
{
    if (parameters_.preprocessed_width != 0)
    {
        preprocessed_ = Commitment{matrix_columns(preprocessed_stack_.data(),
                                       parameters_.preprocessed_width, parameters_.log_rows),
            parameters_.log_rows, parameters_.oracles[0].log_leaves()};
    }
}

poseidon2::Digest ProvingKey::preprocessed_root() const
{
    return parameters_.preprocessed_width == 0 ? poseidon2::Digest{} : preprocessed_.tree.root();
}

ProofOutput ProvingKey::prove(const SegmentInput& input) const
{
    ProofOutput output;
    Stopwatch watch{output.timings};
    Channel channel;
    for (const uint32_t element : parameters_.digest)
        channel.transcript.observe(Fp::from_canonical(element));
    for (const uint32_t value : input.public_values)
        channel.transcript.observe(Fp::from_canonical(value));
    for (const uint32_t height : input.heights)
        channel.transcript.observe(Fp::from_canonical(height));

    Array<Fp> stack{size_t{1} << parameters_.oracles[0].variables};
    // by all threads: most of the time goes into the pages' first faults
    parallel(stack.size(), 1 << 14, [&](size_t begin, size_t end, size_t) {
        std::fill(stack.data() + begin, stack.data() + end, Fp{});
    });
    std::copy_n(preprocessed_stack_.data(), preprocessed_stack_.size(),
        stack.data() + stack.size() - preprocessed_stack_.size());
    std::vector<Slot> slots(graphs_.size());
    for (size_t s = 0; s < slots.size(); ++s)
    {
        const SegmentInput::SlotInput& from = input.slots[s];
        slots[s] = {&graphs_[s], from.present, from.log_height, {}, from.column_offsets,
            from.message_offsets};
        if (!from.present)
            continue;
        const size_t rows = slots[s].rows();
        for (size_t c = 0; c < graphs_[s].committed; ++c)
        {
            Fp* column = stack.data() + from.column_offsets[c];
            parallel(rows, 1 << 14, [&](size_t begin, size_t end, size_t) {
                for (size_t i = begin; i < end; ++i)
                    column[i] = Fp::from_canonical(from.table[c * rows + i]);
            });
            slots[s].columns.push_back(column);
        }
        for (const Array<Fp>& column : fixed_[s])
            slots[s].columns.push_back(column.data());
    }
    watch.lap("stack");

    const OracleParameters& first = parameters_.oracles[0];
    const Commitment committed{matrix_columns(stack.data(), parameters_.width, first.log_rows()),
        first.log_rows(), first.log_leaves()};
    channel.say(committed.tree.root());
    watch.lap("commit");

    std::vector<OodSample> ood;
    for (uint32_t i = 0; i < first.ood_samples; ++i)
        ood.push_back({channel.sample(), {}});
    for (OodSample& sample : ood)
    {
        sample.value = evaluate_powers(stack, sample.x);
        channel.say(sample.value);
    }
    watch.lap("out-of-domain");

    channel.grind(parameters_.bus_grinding);
    const Fp5 alpha = channel.sample();
    const BusChallenges buses{alpha, channel.sample()};
    const std::vector<Fp5> point = prove_sum(
        channel, message_fractions(slots, input.messages, buses), parameters_.log_messages);
    watch.lap("fractional sum");

    const Openings openings = prove_zerocheck(channel, parameters_, slots, buses, point);
    watch.lap("zerocheck");

    std::vector<const Commitment*> trees{&committed};
    if (parameters_.preprocessed_width != 0)
        trees.push_back(&preprocessed_);
    prove_opening(
        channel, parameters_, std::move(stack), trees, ood, slots, openings.point, openings.values);
    watch.lap("opening");
    output.elements = channel.take();
    return output;
}
}  // namespace strikefold
