#include "requests.hpp"

#include "evm/hashes.hpp"
#include "evm/processor.hpp"

namespace strikefold::evm {

namespace {

constexpr Address beacon_roots = from_hex<20>("000f3df6d732807ef1319fb7b8bb8522d0beac02");
constexpr Address history_storage = from_hex<20>("0000f90827f1c53a10cb7a02335b175320002935");
constexpr Address withdrawal_requests = from_hex<20>("00000961ef480eb55e80d19ad83579a64c007002");
constexpr Address consolidation_requests = from_hex<20>("0000bbddc7ce488642fb579f8b00f3a590007251");
constexpr std::uint8_t deposit_type = 0, withdrawal_type = 1, consolidation_type = 2;

// keccak256 of DepositEvent(bytes,bytes,bytes,bytes,bytes).
constexpr Hash deposit_topic =
    from_hex<32>("649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");
constexpr std::size_t deposit_event_size = 576;

// Where a field's length word stands in the event's data, and the length (EIP-6110).
struct DepositField {
    std::size_t offset, size;
};
constexpr std::array<DepositField, 5> deposit_fields{
    {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}}};

// Appends a deposit request from an event's data; false where it is laid out otherwise.
[[nodiscard]] bool append_deposit(Bytes& out, View data) {
    if (data.size() != deposit_event_size) return false;
    for (std::size_t i = 0; i < deposit_fields.size(); ++i) {
        const auto [offset, size] = deposit_fields[i];
        if (Word(array_at<32>(data, 32 * i)) != Word(offset)) return false;
        if (Word(array_at<32>(data, offset)) != Word(size)) return false;
        append(out, data.subspan(offset + 32, size));
    }
    return true;
}

[[nodiscard]] bool append_deposits(Bytes& out, const std::vector<Receipt>& receipts,
                                   const Address& contract) {
    for (const Receipt& receipt : receipts)
        for (const Log& log : receipt.logs)
            if (log.address == contract && !log.topics.empty() && log.topics[0] == deposit_topic)
                if (!append_deposit(out, log.data)) return false;
    return true;
}

[[nodiscard]] Status append_output(Machine& machine, const Address& contract, Bytes& out) {
    if (!machine.state.account(contract).has_code()) return Status::system_contract_empty;
    const Outcome outcome = system_call(machine, contract, {});
    if (!outcome.success()) return Status::system_call_failed;
    append(out, outcome.output);
    return Status::ok;
}

}  // namespace

void call_at_start(Machine& machine, const Header& header) {
    if (header.parent_beacon_block_root)
        static_cast<void>(system_call(machine, beacon_roots, *header.parent_beacon_block_root));
    if (machine.block.fork >= Fork::prague)
        static_cast<void>(system_call(machine, history_storage, header.parent_hash));
}

Status collect_requests(Machine& machine, const std::vector<Receipt>& receipts,
                        const Address& deposit_contract, std::vector<Bytes>& requests) {
    std::array<Bytes, 3> all{Bytes{deposit_type}, Bytes{withdrawal_type},
                             Bytes{consolidation_type}};
    if (!append_deposits(all[0], receipts, deposit_contract)) return Status::deposit_layout;
    Status status = append_output(machine, withdrawal_requests, all[1]);
    if (status == Status::ok) status = append_output(machine, consolidation_requests, all[2]);
    for (Bytes& request : all)
        if (request.size() > 1) requests.push_back(std::move(request));
    return status;
}

Hash requests_hash(const std::vector<Bytes>& requests) {
    Bytes digests;
    for (const Bytes& request : requests) append(digests, sha256(request));
    return sha256(digests);
}

}  // namespace strikefold::evm
