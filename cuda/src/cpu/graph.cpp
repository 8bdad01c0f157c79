#include <algorithm>
#include <prover/graph.hpp>

namespace strikefold
{
namespace
{
constexpr uint32_t MAGIC = 0x31524941;  // "AIR1"
constexpr uint32_t CONSTANT = 0;
constexpr uint32_t COLUMN = 1;
constexpr uint32_t ADD = 2;
constexpr uint32_t MUL = 4;
constexpr uint32_t DEGREE_LIMIT = 1 << 16;  ///< Where degrees stop growing.

/// Reads words in order; once past the end, or told to fail, it yields zeros.
class Reader
{
    std::span<const uint32_t> words_;
    bool failed_ = false;

public:
    explicit Reader(std::span<const uint32_t> words) : words_{words} {}

    [[nodiscard]] uint32_t next() noexcept
    {
        if (words_.empty())
            failed_ = true;
        if (failed_)
            return 0;
        const uint32_t word = words_.front();
        words_ = words_.subspan(1);
        return word;
    }
    /// The next word, which must be below `limit`.
    [[nodiscard]] uint32_t below(uint32_t limit) noexcept
    {
        const uint32_t word = next();
        failed_ = failed_ || word >= limit;
        return failed_ ? 0 : word;
    }
    [[nodiscard]] size_t left() const noexcept { return words_.size(); }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
};

struct Node
{
    uint32_t op;
    uint32_t a;
    uint32_t b;
};

/// What every node is as a linear form, where it is one, and its degree in the columns.
class Shape
{
    const std::vector<Node>& nodes_;
    std::vector<std::optional<LinearForm>> forms_;
    std::vector<uint32_t> degrees_;

public:
    explicit Shape(const std::vector<Node>& nodes) : nodes_{nodes}
    {
        for (const Node& node : nodes_)
        {
            forms_.push_back(form(node));
            degrees_.push_back(degree_of(node));
        }
    }
    [[nodiscard]] const std::optional<LinearForm>& of(uint32_t node) const { return forms_[node]; }
    [[nodiscard]] uint32_t degree(uint32_t node) const { return degrees_[node]; }

private:
    [[nodiscard]] uint32_t degree_of(const Node& node) const
    {
        if (node.op < ADD)
            return node.op == COLUMN ? 1 : 0;
        const uint32_t a = degrees_[node.a];
        const uint32_t b = degrees_[node.b];
        return node.op == MUL ? std::min(a + b, DEGREE_LIMIT) : std::max(a, b);
    }
    [[nodiscard]] std::optional<LinearForm> form(const Node& node) const
    {
        const Fp one = Fp::from_canonical(1);
        if (node.op == CONSTANT)
            return LinearForm{{}, Fp::from_canonical(node.a)};
        if (node.op == COLUMN)
            return LinearForm{{{node.a, one}}, Fp{}};
        const auto& a = forms_[node.a];
        const auto& b = forms_[node.b];
        if (!a || !b)
            return std::nullopt;
        if (node.op == MUL)
        {
            if (!a->terms.empty() && !b->terms.empty())
                return std::nullopt;
            return a->terms.empty() ? sum({}, *b, a->constant) : sum({}, *a, b->constant);
        }
        return sum(*a, *b, node.op == ADD ? one : -one);
    }
    /// a + factor b.
    [[nodiscard]] static LinearForm sum(const LinearForm& a, const LinearForm& b, Fp factor)
    {
        LinearForm out{a.terms, a.constant + factor * b.constant};
        for (const auto& [column, x] : b.terms)
        {
            auto at = std::ranges::lower_bound(
                out.terms, column, {}, [](const auto& term) { return term.first; });
            if (at == out.terms.end() || at->first != column)
                at = out.terms.insert(at, {column, Fp{}});
            at->second += factor * x;
        }
        return out;
    }
};

/// Turns the nodes that some roots need, in topological order, into instructions, reusing registers
/// after their last use.
class Allocator
{
    GraphProgram program_;
    const std::vector<Node>& nodes_;
    std::vector<size_t> last_use_;
    std::vector<GraphCode::Operand> place_;
    std::vector<uint32_t> free_;

public:
    explicit Allocator(const std::vector<Node>& nodes)
      : nodes_{nodes}, last_use_(nodes.size(), 0), place_(nodes.size())
    {}

    /// wanted(root): whether the program gives it.
    template <class Wanted>
    [[nodiscard]] GraphProgram run(const std::vector<uint32_t>& root_nodes, const Wanted& wanted)
    {
        std::vector<std::vector<uint32_t>> roots_of(nodes_.size());
        std::vector<bool> needed(nodes_.size());
        for (uint32_t root = 0; root < root_nodes.size(); ++root)
        {
            if (!wanted(root))
                continue;
            roots_of[root_nodes[root]].push_back(root);
            needed[root_nodes[root]] = true;
        }
        for (size_t i = nodes_.size(); i-- > 0;)
        {
            const auto& [op, a, b] = nodes_[i];
            if (!needed[i] || op < ADD)
                continue;
            needed[a] = needed[b] = true;
            last_use_[a] = std::max(last_use_[a], i);
            last_use_[b] = std::max(last_use_[b], i);
        }
        for (size_t i = 0; i < nodes_.size(); ++i)
        {
            if (!needed[i])
                continue;
            place(i);
            for (const uint32_t root : roots_of[i])
                program_.outputs.push_back({program_.instructions.size(), place_[i], root});
        }
        std::ranges::sort(program_.columns);
        const auto [repeated, end] = std::ranges::unique(program_.columns);
        program_.columns.erase(repeated, end);
        return std::move(program_);
    }

private:
    void place(size_t i)
    {
        const Node& node = nodes_[i];
        if (node.op == CONSTANT)
        {
            place_[i] = {GraphCode::Kind::constant, static_cast<uint32_t>(program_.constants.size())};
            program_.constants.push_back(Fp::from_canonical(node.a));
        }
        else if (node.op == COLUMN)
        {
            place_[i] = {GraphCode::Kind::column, node.a};
            program_.columns.push_back(node.a);
        }
        else
        {
            const uint32_t target = take();
            place_[i] = {GraphCode::Kind::reg, target};
            program_.instructions.push_back(
                {static_cast<GraphCode::Op>(node.op - ADD), place_[node.a], place_[node.b], target});
            release(node.a, i);
            if (node.b != node.a)
                release(node.b, i);
            if (last_use_[i] == 0)
                free_.push_back(target);
        }
    }
    [[nodiscard]] uint32_t take()
    {
        if (free_.empty())
            return program_.registers++;
        const uint32_t taken = free_.back();
        free_.pop_back();
        return taken;
    }
    void release(uint32_t node, size_t user)
    {
        if (place_[node].kind == GraphCode::Kind::reg && last_use_[node] == user)
            free_.push_back(place_[node].index);
    }
};
}  // namespace

std::optional<Graph> Graph::parse(std::span<const uint32_t> words)
{
    Reader reader{words};
    Graph graph;
    if (reader.next() != MAGIC)
        return std::nullopt;
    graph.columns = reader.next();
    const uint32_t node_count = reader.next();
    graph.equations = reader.next();
    const uint32_t message_count = reader.next();
    graph.committed = reader.next();
    graph.preprocessed = reader.next();
    const uint32_t formulas = reader.next();
    if (uint64_t{graph.committed} + graph.preprocessed + formulas != graph.columns ||
        node_count > reader.left() || message_count > reader.left())
        return std::nullopt;
    std::vector<Node> nodes;
    for (uint32_t i = 0; i < node_count && !reader.failed(); ++i)
    {
        const uint32_t op = reader.below(MUL + 1);
        const uint32_t limit = op == CONSTANT ? Fp::P : op == COLUMN ? graph.columns : i;
        const uint32_t a = reader.below(limit);
        nodes.push_back({op, a, op < ADD ? reader.next() : reader.below(limit)});
    }
    std::vector<uint32_t> root_nodes;
    for (uint32_t i = 0; i < graph.equations && !reader.failed(); ++i)
        root_nodes.push_back(reader.below(node_count));
    for (uint32_t i = 0; i < message_count && !reader.failed(); ++i)
    {
        GraphMessage message{reader.next(), static_cast<uint32_t>(root_nodes.size()), {}};
        root_nodes.push_back(reader.below(node_count));
        const uint32_t fields = reader.next();
        for (uint32_t k = 0; k < fields && !reader.failed(); ++k)
        {
            message.fields.push_back(static_cast<uint32_t>(root_nodes.size()));
            root_nodes.push_back(reader.below(node_count));
        }
        graph.messages.push_back(std::move(message));
    }
    if (reader.failed() || reader.left() != 0)
        return std::nullopt;
    graph.roots = static_cast<uint32_t>(root_nodes.size());
    const Shape shape{nodes};
    for (const uint32_t node : root_nodes)
    {
        graph.linear.push_back(shape.of(node));
        graph.degree = std::max(graph.degree, shape.degree(node));
    }
    const auto part = [&](uint32_t root) { return root >= graph.equations; };
    const auto nonlinear = [&](uint32_t root) { return !graph.linear[root]; };
    graph.message_parts = Allocator{nodes}.run(root_nodes, part);
    graph.nonlinear_parts = Allocator{nodes}.run(
        root_nodes, [&](uint32_t root) { return part(root) && nonlinear(root); });
    graph.nonlinear = Allocator{nodes}.run(root_nodes, nonlinear);
    return graph;
}
}  // namespace strikefold
