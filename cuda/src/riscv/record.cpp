#include <riscv/calls.hpp>
#include <riscv/record.hpp>
#include <stdexcept>

namespace strikefold::riscv
{
namespace
{
class Recorder
{
    Recorded& out_;
    Mapped<uint32_t> last_{WORDS};
    Mapped<uint8_t> known_{LEAVES};
    bool strays_ = false;

public:
    static constexpr bool RECORDS = true;

    Recorder(Recorded& out, const std::vector<uint32_t>& leaves) : out_{out}
    {
        for (const uint32_t leaf : leaves)
            known_[leaf] = 1;
    }

    uint32_t access(uint32_t word, uint32_t time) noexcept
    {
        strays_ = strays_ || known_[word / LEAF_WORDS] == 0;
        return std::exchange(last_[word], time);
    }
    uint32_t access_register(uint32_t r, uint32_t time) noexcept
    {
        return std::exchange(last_[r], time);
    }
    void count(Op) noexcept {}
    void step(Family family, const Event& event)
    {
        out_.steps[static_cast<size_t>(family)].push_back(event);
    }
    void call(Call call, std::span<const uint32_t> row)
    {
        auto& rows = out_.calls[static_cast<size_t>(call)];
        rows.insert(rows.end(), row.begin(), row.end());
    }
    [[nodiscard]] static bool interrupted() noexcept { return false; }

    /// Whether memory was accessed that the checkpoint does not have.
    [[nodiscard]] bool strays() const noexcept { return strays_; }
    [[nodiscard]] uint32_t last(size_t word) const noexcept { return last_[word]; }
};

void require(bool condition, const char* message)
{
    if (!condition)
        throw std::invalid_argument{message};
}

template <size_t N>
void put(std::array<uint32_t, N>& row, size_t at, const Digest& digest) noexcept
{
    for (size_t i = 0; i < digest.size(); ++i)
        row[at + i] = digest[i].canonical();
}

/// A digest before the segment and one after.
using Versions = std::array<Digest, 2>;

[[nodiscard]] std::vector<Versions> compress_versions(std::vector<Pair>& pairs)
{
    const std::vector<Digest> digests = compress_all(pairs);
    std::vector<Versions> out(pairs.size() / 2);
    for (size_t i = 0; i < digests.size(); ++i)
        out[i / 2][i % 2] = digests[i];
    pairs.clear();
    return out;
}

void put_leaves(
    Recorded& out, Machine& machine, const Recorder& recorder, const Checkpoint& checkpoint)
{
    for (size_t i = 0; i < checkpoint.indices.size(); ++i)
    {
        const uint32_t index = checkpoint.indices[i];
        LeafRow& row = out.leaves.emplace_back();
        row[0] = index;
        std::ranges::copy(checkpoint.leaves[i], &row[1]);
        std::ranges::copy(machine.leaf(index), &row[9]);
        for (size_t j = 0; j < LEAF_WORDS; ++j)
            row[17 + j] = recorder.last(size_t{index} * LEAF_WORDS + j);
    }
}

[[nodiscard]] std::vector<Versions> put_leaf_digests(std::vector<LeafRow>& rows)
{
    std::vector<Pair> pairs;
    for (const LeafRow& row : rows)
    {
        for (const size_t at : {size_t{1}, size_t{9}})
        {
            Leaf leaf;
            std::copy_n(&row[at], LEAF_WORDS, leaf.begin());
            pairs.push_back(limbs(leaf));
        }
    }
    std::vector<Versions> digests = compress_versions(pairs);
    for (size_t i = 0; i < rows.size(); ++i)
    {
        put(rows[i], 25, digests[i][0]);
        put(rows[i], 33, digests[i][1]);
    }
    return digests;
}

/// The nodes above the leaves; returns the root's versions.
[[nodiscard]] Versions put_nodes(
    Recorded& out, const Checkpoint& checkpoint, std::vector<Versions> digests)
{
    std::vector<Pair> pairs;
    size_t siblings = 0;
    size_t first = 0;  // of the level's nodes
    ascend(
        checkpoint.indices,
        [&](const Parent& parent) {
            const Versions& child = digests[parent.child];
            Versions left = child;
            Versions right = parent.left && parent.right ? digests[parent.child + 1] : child;
            if (!parent.left || !parent.right)
                (parent.left ? right : left).fill(checkpoint.siblings[siblings++]);
            NodeRow& row = out.nodes.emplace_back();
            row[0] = parent.level;
            row[1] = parent.index;
            row[2] = parent.left ? 1 : 0;
            row[3] = parent.right ? 1 : 0;
            for (size_t v = 0; v < 2; ++v)
            {
                put(row, 4 + 8 * v, left[v]);
                put(row, 20 + 8 * v, right[v]);
                Pair& pair = pairs.emplace_back();
                std::ranges::copy(right[v], std::ranges::copy(left[v], pair.begin()).out);
            }
        },
        [&](uint32_t) {
            digests = compress_versions(pairs);
            for (const Versions& own : digests)
            {
                NodeRow& row = out.nodes[first++];
                put(row, 36, own[0]);
                put(row, 44, own[1]);
            }
        });
    return digests.front();
}

/// Runs the segment, whose last instruction alone may halt. Whether it did.
[[nodiscard]] bool replay(
    Machine& machine, Recorder& recorder, Interpreter<Recorder>& interpreter, uint32_t cycles)
{
    for (uint64_t left = cycles; left != 0;)
    {
        const auto [ran, stop] = interpreter.run(left);
        left -= ran;
        if (left == 0)
            return false;
        require(stop == Stop::CALL, "a checkpoint's segment does not run to its end");
        Caller<Recorder> caller{machine, recorder, interpreter.time()};
        const Stop done = caller.perform(interpreter.pc());
        if (done == Stop::HALTED && left == 1)
            return true;
        require(done == Stop::NONE, "a checkpoint's segment does not run to its end");
        interpreter.pass();
        --left;
    }
    return false;
}
}  // namespace

Recorded record(
    const Program& program, std::span<const uint8_t> input, const Checkpoint& checkpoint)
{
    Recorded out;
    out.first_pc = checkpoint.pc;
    Machine machine{program, InputStream{input}, checkpoint.hints};
    for (size_t i = 0; i < checkpoint.indices.size(); ++i)
        machine.put_leaf(checkpoint.indices[i], checkpoint.leaves[i]);
    Recorder recorder{out, checkpoint.indices};
    Interpreter<Recorder> interpreter{program, recorder, machine.words.data(), checkpoint.pc};
    out.halted = replay(machine, recorder, interpreter, checkpoint.cycles);
    require(!recorder.strays(), "a checkpoint lacks memory that its segment touches");
    out.last_pc = out.halted ? 0 : interpreter.pc();
    out.end_time = TICKS * (checkpoint.cycles + 1);
    out.exit_code = machine.exit_code;
    out.output = machine.output;
    put_leaves(out, machine, recorder, checkpoint);
    const Versions roots = put_nodes(out, checkpoint, put_leaf_digests(out.leaves));
    require(roots[0] == checkpoint.root, "a checkpoint's memory does not have its root");
    out.before = roots[0];
    out.after = roots[1];
    return out;
}
}  // namespace strikefold::riscv
