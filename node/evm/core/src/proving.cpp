#include "evm/proving.hpp"

#include "evm/keccak.hpp"
#include "evm/rlp.hpp"

namespace strikefold::evm {

namespace {

// Little-endian 32-bit words, and byte strings: their length, themselves, zeros up to a whole word.
// So what is long starts at whole words, where machines that copy by words find it.
class InputReader {
public:
    explicit InputReader(View encoded) noexcept : rest_(encoded) {}

    [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }

    [[nodiscard]] std::uint32_t u32() noexcept {
        std::uint32_t value = 0;
        const View bytes = take(sizeof value);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            value |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
        return value;
    }

    [[nodiscard]] View bytes() noexcept {
        const View data = take(u32());
        for (const std::uint8_t byte : take(-data.size() % 4)) ok_ &= byte == 0;
        return data;
    }

    [[nodiscard]] std::vector<View> list() {
        std::vector<View> items;
        for (std::uint32_t left = u32(); left > 0 && ok_; --left) items.push_back(bytes());
        return items;
    }

private:
    [[nodiscard]] View take(std::size_t size) noexcept {
        if (size > rest_.size()) ok_ = false;
        if (!ok_) return {};
        const View taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    View rest_;
    bool ok_ = true;
};

// Activation times from Shanghai on; there may be fewer than forks.
[[nodiscard]] bool read_forks(rlp::Reader times, ChainConfig& config) {
    config.shanghai_time = times.u64();
    for (std::optional<std::uint64_t>* time :
         {&config.cancun_time, &config.prague_time, &config.osaka_time})
        if (!times.at_end()) *time = times.u64();
    return times.finished();
}

// [[time, target, max, fraction], ...]
[[nodiscard]] bool read_blob_schedules(rlp::Reader schedules, ChainConfig& config) {
    while (!schedules.at_end()) {
        rlp::Reader entry = schedules.list();
        const std::uint64_t time = entry.u64(), target = entry.u64(), max = entry.u64(),
                            fraction = entry.u64();
        if (!entry.finished() || fraction == 0 || max == 0 || target > max) return false;
        config.blob_schedules.push_back({time, target, max, fraction});
    }
    return true;
}

// [chain id, deposit contract, forks, blob schedules]
[[nodiscard]] bool decode_config(View encoded, ChainConfig& config) {
    rlp::Reader fields(rlp::decode(encoded));
    config.chain_id = fields.u64();
    config.deposit_contract = fields.array<20>();
    const rlp::Reader forks = fields.list(), schedules = fields.list();
    return fields.finished() && read_forks(forks, config) && read_blob_schedules(schedules, config);
}

void append_hash(Bytes& out, const std::optional<Hash>& hash) {
    rlp::append_bytes(out, hash ? View(*hash) : View());
}

}  // namespace

bool decode_input(View encoded, BlockInput& input) {
    InputReader reader(encoded);
    if (reader.u32() != input_version) return false;
    const View config = reader.bytes();
    input.config_hash = keccak256(config);
    input.block = reader.bytes();
    input.witness.nodes = reader.list();
    input.witness.codes = reader.list();
    input.witness.headers = reader.list();
    return reader.finished() && decode_config(config, input.config);
}

std::array<std::uint8_t, 160> Statement::encode() const noexcept {
    std::array<std::uint8_t, 160> out;
    std::uint8_t* at = out.data();
    for (const Hash& word : {config, parent, block, inputs, burned.to_bytes()}) {
        copy(at, word);
        at += word.size();
    }
    return out;
}

Hash inputs_hash(const Header& header) {
    Bytes items;
    rlp::append_u64(items, header.timestamp);
    rlp::append_u64(items, header.gas_limit);
    rlp::append_bytes(items, header.coinbase);
    rlp::append_bytes(items, header.prev_randao);
    append_hash(items, header.parent_beacon_block_root);
    rlp::append_bytes(items, header.extra_data);
    rlp::append_bytes(items, header.transactions_root);
    append_hash(items, header.withdrawals_root);
    return keccak256(rlp::list(items));
}

Status prove_block(View encoded, Statement& statement) {
    BlockInput input;
    if (!decode_input(encoded, input)) return Status::input_malformed;
    const BlockResult result = validate_block(input.config, input.block, input.witness);
    if (result.status != Status::ok) return result.status;
    const Header& header = result.header;
    statement = {input.config_hash, header.parent_hash, header.hash, inputs_hash(header),
                 header.base_fee.value_or(Word()) * Word(header.gas_used)};
    return Status::ok;
}

}  // namespace strikefold::evm
