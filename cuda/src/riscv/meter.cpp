#include <algorithm>
#include <riscv/meter.hpp>

namespace strikefold::riscv
{
void Meter::begin_segment() noexcept
{
    ++segment_;
    ops_ = {};
    calls_ = {};
    leaves_ = nodes_ = 0;
    before_.clear();
    for (uint32_t leaf = 0; leaf < REGISTER_LEAVES; ++leaf)
        touch(leaf);
}

void Meter::touch(uint32_t leaf) noexcept
{
    leaf_segment_[leaf] = segment_;
    ++leaves_;
    for (uint32_t node = (LEAVES + leaf) / 2; node != 0 && node_segment_[node] != segment_;
        node /= 2)
    {
        node_segment_[node] = segment_;
        ++nodes_;
    }
    uint8_t& page = page_touched_[leaf / LEAVES_PER_PAGE];
    pages_ += page == 0 ? 1 : 0;
    page = 1;
    if (keeps_leaves_)
        before_.emplace_back(leaf, machine_.leaf(leaf));
    interrupted_ = interrupted_ || leaves_ >= pause_at_ || exceeds_memory();
}

Rows Meter::rows() const noexcept
{
    Rows out{};
    for (size_t op = 1; op < OPS; ++op)
    {
        if (static_cast<Op>(op) < Op::ECALL)
            out[static_cast<size_t>(family(static_cast<Op>(op)))] += ops_[op];
    }
    std::ranges::copy(calls_, out.begin() + FAMILIES);
    out[LEAF_ROWS] = leaves_;
    out[NODE_ROWS] = nodes_;
    return out;
}

std::vector<std::pair<uint32_t, Leaf>> Meter::leaves() const
{
    auto out = before_;
    std::ranges::sort(out, {}, &std::pair<uint32_t, Leaf>::first);
    return out;
}
}  // namespace strikefold::riscv
