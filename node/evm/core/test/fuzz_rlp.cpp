// RLP: what decodes is the one encoding of what it decodes to.
#include "evm/rlp.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

namespace {

void append_again(Bytes& out, const rlp::Item& item) {
    if (!item.is_list) return rlp::append_bytes(out, item.payload);
    Bytes items;
    rlp::Reader reader(item.payload);
    while (!reader.at_end()) {
        const rlp::Item inner = reader.next();
        if (reader.ok()) append_again(items, inner);
    }
    // What is not valid within is nobody's yet: readers go down one level at a time.
    append(out, reader.ok() ? View(rlp::list(items)) : item.encoded);
}

// Whatever is asked for, a reader stays within the list.
void read_integers(const rlp::Item& item) {
    rlp::Reader words(item), numbers(item), hashes(item);
    while (!words.at_end()) static_cast<void>(words.word());
    while (!numbers.at_end()) static_cast<void>(numbers.u64());
    while (!hashes.at_end()) static_cast<void>(hashes.optional_array<32>());
}

}  // namespace

void rlp(View data) {
    const auto item = rlp::decode(data);
    if (!item) return;
    Bytes again;
    append_again(again, *item);
    require(equal(again, data));
    read_integers(*item);
}

}  // namespace strikefold::evm::fuzz
