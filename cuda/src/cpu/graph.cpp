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

/// Turns nodes, in topological order, into instructions, reusing registers after their last use.
class Allocator
{
    Graph& graph_;
    const std::vector<Node>& nodes_;
    std::vector<size_t> last_use_;
    std::vector<GraphCode::Operand> place_;
    std::vector<uint32_t> free_;

public:
    Allocator(Graph& graph, const std::vector<Node>& nodes)
      : graph_{graph}, nodes_{nodes}, last_use_(nodes.size(), 0), place_(nodes.size())
    {}

    void run(const std::vector<uint32_t>& root_nodes)
    {
        for (size_t i = 0; i < nodes_.size(); ++i)
        {
            if (nodes_[i].op >= ADD)
                last_use_[nodes_[i].a] = last_use_[nodes_[i].b] = i;
        }
        std::vector<std::vector<uint32_t>> roots_of(nodes_.size());
        for (uint32_t root = 0; root < root_nodes.size(); ++root)
            roots_of[root_nodes[root]].push_back(root);
        for (size_t i = 0; i < nodes_.size(); ++i)
        {
            place(i);
            for (const uint32_t root : roots_of[i])
                graph_.outputs.push_back({graph_.instructions.size(), place_[i], root});
        }
    }

private:
    void place(size_t i)
    {
        const Node& node = nodes_[i];
        if (node.op == CONSTANT)
        {
            place_[i] = {GraphCode::Kind::constant, static_cast<uint32_t>(graph_.constants.size())};
            graph_.constants.push_back(Fp::from_canonical(node.a));
        }
        else if (node.op == COLUMN)
            place_[i] = {GraphCode::Kind::column, node.a};
        else
        {
            const uint32_t target = take();
            place_[i] = {GraphCode::Kind::reg, target};
            graph_.instructions.push_back(
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
            return graph_.registers++;
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
    Allocator{graph, nodes}.run(root_nodes);
    return graph;
}
}  // namespace strikefold
