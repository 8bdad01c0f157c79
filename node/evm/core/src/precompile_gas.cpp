// Prices of the precompiled contracts.
#include <limits>

#include "evm/precompiles.hpp"
#include "precompile_input.hpp"

namespace strikefold::evm {

namespace {

// EIP-2537, "Discounts table for G1 MSM" and "for G2 MSM": thousandths by number of pairs, from 1.
constexpr std::array<std::uint16_t, 128> g1_discounts{
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519};
constexpr std::array<std::uint16_t, 128> g2_discounts{
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524};

constexpr std::uint64_t unpayable = std::numeric_limits<std::uint64_t>::max();

[[nodiscard]] std::uint64_t words(View data) noexcept {
    return (data.size() + 31) / 32;
}

[[nodiscard]] std::uint64_t multi_scalar(View input, std::size_t pair, std::uint64_t price,
                                         const std::array<std::uint16_t, 128>& discounts) noexcept {
    const std::size_t count = input.size() / pair;
    if (count == 0) return 0;
    return count * price * discounts[std::min(count, discounts.size()) - 1] / 1000;
}

[[nodiscard]] std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) noexcept {
    return (Word(a) * Word(b)).saturated64();
}

// Squarings to pay for: the exponent's head bit by bit, its tail at so much a byte.
[[nodiscard]] std::uint64_t iterations(const ModexpInput& input, std::uint64_t per_byte) noexcept {
    const std::uint64_t length = input.exponent_length();
    const Word head = input.exponent_head();
    const std::uint64_t head_bits = head.is_zero() ? 0 : head.bit_length() - 1;
    if (length <= 32) return std::max<std::uint64_t>(head_bits, 1);
    const std::uint64_t tail = saturating_product(per_byte, length - 32);
    return tail > unpayable - head_bits ? unpayable : std::max<std::uint64_t>(tail + head_bits, 1);
}

// EIP-2565; EIP-7883 from Osaka on.
[[nodiscard]] std::uint64_t modexp_gas(Fork fork, View data) noexcept {
    const ModexpInput input(data);
    const std::uint64_t size = std::max(input.base_length(), input.modulus_length());
    if (size > std::numeric_limits<std::uint32_t>::max()) return unpayable;
    const std::uint64_t limbs = (size + 7) / 8, squares = limbs * limbs;
    if (fork >= Fork::osaka) {
        const std::uint64_t complexity = size <= 32 ? 16 : 2 * squares;
        return std::max<std::uint64_t>(saturating_product(complexity, iterations(input, 16)), 500);
    }
    return std::max<std::uint64_t>(saturating_product(squares, iterations(input, 8)) / 3, 200);
}

[[nodiscard]] std::uint64_t blake2f_gas(View input) noexcept {
    if (input.size() != 213) return 0;  // which fails
    std::uint64_t rounds = 0;
    for (const std::uint8_t byte : input.first(4)) rounds = rounds << 8 | byte;
    return rounds;
}

}  // namespace

std::uint64_t precompile_gas(Fork fork, std::uint32_t number, View input) noexcept {
    switch (number) {
        case 0x01:
            return 3000;
        case 0x02:
            return 60 + 12 * words(input);
        case 0x03:
            return 600 + 120 * words(input);
        case 0x04:
            return 15 + 3 * words(input);
        case 0x05:
            return modexp_gas(fork, input);
        case 0x06:
            return 150;
        case 0x07:
            return 6000;
        case 0x08:
            return 45'000 + 34'000 * (input.size() / 192);
        case 0x09:
            return blake2f_gas(input);
        case 0x0a:
            return 50'000;
        case 0x0b:
            return 375;
        case 0x0c:
            return multi_scalar(input, 160, 12'000, g1_discounts);
        case 0x0d:
            return 600;
        case 0x0e:
            return multi_scalar(input, 288, 22'500, g2_discounts);
        case 0x0f:
            return 37'700 + 32'600 * (input.size() / 384);
        case 0x10:
            return 5500;
        case 0x11:
            return 23'800;
        default:
            return 6900;
    }
}

}  // namespace strikefold::evm
