#include <riscv/checkpoint.hpp>
#include <riscv/program.hpp>
#include <stdexcept>

namespace strikefold::riscv
{
namespace
{
constexpr uint32_t MAGIC = 0x504b4353;  // "SCKP"
constexpr uint32_t VERSION = 1;

void require(bool condition, const char* message)
{
    if (!condition)
        throw std::invalid_argument{message};
}

class Writer
{
    std::vector<uint8_t> bytes_;

public:
    void put(uint32_t word)
    {
        for (uint32_t shift = 0; shift < 32; shift += 8)
            bytes_.push_back(static_cast<uint8_t>(word >> shift));
    }
    void put(const Digest& digest)
    {
        for (const Fp element : digest)
            put(element.canonical());
    }
    [[nodiscard]] std::vector<uint8_t> take() { return std::move(bytes_); }
};

class Reader
{
    std::span<const uint8_t> bytes_;

public:
    explicit Reader(std::span<const uint8_t> bytes) : bytes_{bytes} {}

    [[nodiscard]] size_t words() const noexcept { return bytes_.size() / 4; }
    [[nodiscard]] uint32_t word()
    {
        require(words() != 0, "a checkpoint is cut short");
        uint32_t out = 0;
        for (uint32_t i = 0; i < 4; ++i)
            out |= uint32_t{bytes_[i]} << (8 * i);
        bytes_ = bytes_.subspan(4);
        return out;
    }
    [[nodiscard]] Digest digest()
    {
        Digest out;
        for (Fp& element : out)
        {
            const uint32_t canonical = word();
            require(canonical < Fp::P, "a checkpoint's digest is not of field elements");
            element = Fp::from_canonical(canonical);
        }
        return out;
    }
    void end() const { require(bytes_.empty(), "a checkpoint has bytes too many"); }
};

/// The registers' leaves, then others in ascending order, of memory a program can reach.
void check_indices(const std::vector<uint32_t>& indices)
{
    require(indices.size() >= REGISTER_LEAVES, "a checkpoint lacks registers");
    for (uint32_t i = 0; i < REGISTER_LEAVES; ++i)
        require(indices[i] == i, "a checkpoint lacks registers");
    for (size_t i = REGISTER_LEAVES; i < indices.size(); ++i)
    {
        require(indices[i] >= CODE_START / 32 && indices[i] < LEAVES && indices[i] > indices[i - 1],
            "a checkpoint's leaves are out of place");
    }
}
}  // namespace

std::vector<uint8_t> Checkpoint::encode() const
{
    Writer out;
    for (const uint32_t word : {MAGIC, VERSION, pc, cycles, static_cast<uint32_t>(hints),
             static_cast<uint32_t>(hints >> 32), static_cast<uint32_t>(indices.size())})
        out.put(word);
    for (const uint32_t index : indices)
        out.put(index);
    for (const Leaf& leaf : leaves)
    {
        for (const uint32_t word : leaf)
            out.put(word);
    }
    for (const Digest& sibling : siblings)
        out.put(sibling);
    out.put(root);
    return out.take();
}

Checkpoint Checkpoint::decode(std::span<const uint8_t> bytes)
{
    Reader in{bytes};
    require(in.word() == MAGIC && in.word() == VERSION, "the bytes are no checkpoint");
    Checkpoint out;
    out.pc = in.word();
    out.cycles = in.word();
    require(out.cycles <= MAX_CYCLES, "a checkpoint's segment is too long");
    out.hints = in.word();
    out.hints |= uint64_t{in.word()} << 32;
    const uint32_t count = in.word();
    require(count <= in.words() / (1 + LEAF_WORDS), "a checkpoint is cut short");
    for (uint32_t i = 0; i < count; ++i)
        out.indices.push_back(in.word());
    check_indices(out.indices);
    out.leaves.resize(count);
    for (Leaf& leaf : out.leaves)
    {
        for (uint32_t& word : leaf)
            word = in.word();
    }
    require(out.leaves[0][0] == 0, "a checkpoint's x0 is not zero");
    ascend(
        out.indices,
        [&](const Parent& parent) {
            if (!parent.left || !parent.right)
                out.siblings.push_back(in.digest());
        },
        [](uint32_t) {});
    out.root = in.digest();
    in.end();
    return out;
}
}  // namespace strikefold::riscv
