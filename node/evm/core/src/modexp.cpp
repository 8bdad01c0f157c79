// Modular powers of numbers of any length: Montgomery's product for odd moduli, division else;
// words by the machine's call where it has one.
#include "evm/modexp.hpp"

#include "evm/word.hpp"

namespace strikefold::evm {

namespace {

using Number = std::vector<Limb>;

[[nodiscard]] View without_leading_zeros(View bytes) noexcept {
    while (!bytes.empty() && bytes[0] == 0) bytes = bytes.subspan(1);
    return bytes;
}

// Limbs of a big-endian number, without leading zeros.
[[nodiscard]] Number read(View bytes) {
    bytes = without_leading_zeros(bytes);
    Number limbs((bytes.size() + sizeof(Limb) - 1) / sizeof(Limb));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        limbs[i / sizeof(Limb)] |= static_cast<Limb>(static_cast<Limb>(bytes[bytes.size() - 1 - i])
                                                     << (8 * (i % sizeof(Limb))));
    return limbs;
}

void write(std::span<const Limb> number, std::span<std::uint8_t> bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::size_t limb = i / sizeof(Limb);
        bytes[bytes.size() - 1 - i] =
            limb < number.size()
                ? static_cast<std::uint8_t>(number[limb] >> (8 * (i % sizeof(Limb))))
                : std::uint8_t{0};
    }
}

// Arithmetic on n limbs below a modulus of n limbs.
class Modulus {
public:
    using Element = Number;

    explicit Modulus(Number modulus) : modulus_(std::move(modulus)), odd_((modulus_[0] & 1) != 0) {
        Limb inverse = 1;
        for (int i = 0; i < 6; ++i) inverse *= 2 - modulus_[0] * inverse;
        negative_inverse_ = static_cast<Limb>(0 - inverse);
    }

    [[nodiscard]] std::size_t size() const noexcept { return modulus_.size(); }

    // The representation of a number: x 2^(limb_bits n) for Montgomery's product, else x itself.
    [[nodiscard]] Number enter(const Number& x) const {
        Number shifted(odd_ ? size() : 0);
        shifted.insert(shifted.end(), x.begin(), x.end());
        return reduced(std::move(shifted));
    }

    [[nodiscard]] Number leave(const Number& x) const { return odd_ ? multiply(x, Number{1}) : x; }

    // Operands in representation, a of n limbs.
    [[nodiscard]] Number multiply(const Number& a, const Number& b) const {
        return odd_ ? multiply_montgomery(a, b) : multiply_divide(a, b);
    }

private:
    // x modulo the modulus, n limbs.
    [[nodiscard]] Number reduced(Number x) const {
        while (x.size() < size()) x.push_back(0);
        Number quotient(x.size() - size() + 1), scratch(x.size() + size() + 1);
        divide(x, modulus_, quotient, scratch);
        x.resize(size());
        return x;
    }

    [[nodiscard]] Number multiply_divide(const Number& a, const Number& b) const {
        Number product(a.size() + b.size());
        for (std::size_t i = 0; i < b.size(); ++i) {
            Limb carry = 0;
            for (std::size_t j = 0; j < a.size(); ++j) {
                const WideLimb sum = static_cast<WideLimb>(a[j]) * b[i] + product[i + j] + carry;
                product[i + j] = low(sum);
                carry = high(sum);
            }
            product[i + a.size()] = carry;
        }
        return reduced(std::move(product));
    }

    // Coarsely integrated operand scanning (Koc, Acar, Kaliski 1996).
    [[nodiscard]] Number multiply_montgomery(const Number& a, const Number& b) const {
        const std::size_t n = size();
        Number t(n + 1);
        for (std::size_t i = 0; i < n; ++i) {
            const Limb top = add_product(t, a, i < b.size() ? b[i] : 0);
            reduce_limb(t, top);
        }
        Number out(n);
        Limb borrow = 0;
        for (std::size_t j = 0; j < n; ++j) out[j] = sub_borrow(t[j], modulus_[j], borrow);
        if (t[n] == 0 && borrow != 0) t.resize(n);
        return t.size() == n ? t : out;
    }

    // t += a b; what does not fit.
    [[nodiscard]] Limb add_product(Number& t, const Number& a, Limb b) const noexcept {
        Limb carry = 0;
        for (std::size_t j = 0; j < size(); ++j) {
            const WideLimb sum = static_cast<WideLimb>(a[j]) * b + t[j] + carry;
            t[j] = low(sum);
            carry = high(sum);
        }
        Limb top = 0;
        t[size()] = add_carry(t[size()], carry, top);
        return top;
    }

    // t := (t + m modulus) / 2^limb_bits, with the m that makes it exact.
    void reduce_limb(Number& t, Limb top) const noexcept {
        const Limb m = t[0] * negative_inverse_;
        Limb carry = high(static_cast<WideLimb>(m) * modulus_[0] + t[0]);
        for (std::size_t j = 1; j < size(); ++j) {
            const WideLimb sum = static_cast<WideLimb>(m) * modulus_[j] + t[j] + carry;
            t[j - 1] = low(sum);
            carry = high(sum);
        }
        Limb above = 0;
        t[size() - 1] = add_carry(t[size()], carry, above);
        t[size()] = static_cast<Limb>(top + above);
    }

    Number modulus_;
    bool odd_;
    Limb negative_inverse_;
};

// Arithmetic below a modulus that fits a word, where the machine multiplies modulo words.
class WordModulus {
public:
    using Element = Word;

    explicit WordModulus(const Number& modulus) noexcept : modulus_(word_of(modulus)) {}

    // By words, from the most significant: 2^256 is (2^256 - 1) + 1.
    [[nodiscard]] Word enter(const Number& x) const noexcept {
        const Word shift = add_mod(~Word(), Word(1), modulus_);
        Word result;
        for (std::size_t end = (x.size() + limb_count - 1) / limb_count * limb_count; end > 0;
             end -= limb_count) {
            const auto part = std::span(x).subspan(end - limb_count);
            result = add_mod(multiply_mod(result, shift, modulus_),
                             word_of(part.first(std::min(part.size(), limb_count))), modulus_);
        }
        return result;
    }

    [[nodiscard]] static Number leave(const Word& x) { return {x.limbs.begin(), x.limbs.end()}; }

    [[nodiscard]] Word multiply(const Word& a, const Word& b) const noexcept {
        return multiply_mod(a, b, modulus_);
    }

private:
    [[nodiscard]] static Word word_of(std::span<const Limb> limbs) noexcept {
        Word word;
        std::ranges::copy(limbs, word.limbs.begin());
        return word;
    }

    Word modulus_;
};

template <typename Modulus>
[[nodiscard]] Number power(const Modulus& modulus, const Number& base, View exponent) {
    using Element = typename Modulus::Element;
    std::array<Element, 16> powers{modulus.enter({1}), modulus.enter(base)};
    for (std::size_t i = 2; i < 16; ++i) powers[i] = modulus.multiply(powers[i - 1], powers[1]);
    Element result = powers[0];
    for (const std::uint8_t byte : exponent) {
        for (const unsigned shift : {4U, 0U}) {
            for (int i = 0; i < 4; ++i) result = modulus.multiply(result, result);
            const std::size_t digit = static_cast<unsigned>(byte) >> shift & 15U;
            if (digit != 0) result = modulus.multiply(result, powers[digit]);
        }
    }
    return modulus.leave(result);
}

}  // namespace

void modexp(View base, View exponent, View modulus, std::span<std::uint8_t> output) {
    Number limbs = read(modulus);
    if (limbs.empty()) {
        std::ranges::fill(output, std::uint8_t{0});
        return;
    }
    exponent = without_leading_zeros(exponent);
    if (has_multiply_add && limbs.size() <= limb_count)
        write(power(WordModulus(limbs), read(base), exponent), output);
    else
        write(power(Modulus(std::move(limbs)), read(base), exponent), output);
}

}  // namespace strikefold::evm
