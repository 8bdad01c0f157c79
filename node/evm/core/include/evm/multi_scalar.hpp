// Sums of products of points and scalars, by Straus's interleaving: products share doublings.
#pragma once

#include <vector>

#include "evm/wnaf.hpp"

namespace strikefold::evm {

// Tables of points in affine coordinates, with one inversion for all; no entry may be infinity.
template <typename F>
[[nodiscard]] std::vector<wnaf::Table<Affine<F>>> to_affine(
    const std::vector<wnaf::Table<Jacobian<F>>>& tables) {
    std::vector<F> products;  // of the z before each
    F product = F::one();
    for (const auto& table : tables) {
        for (const Jacobian<F>& point : table) {
            products.push_back(product);
            product = product * point.z;
        }
    }
    F inverse = product.inverse();
    std::vector<wnaf::Table<Affine<F>>> affine(tables.size());
    for (std::size_t i = products.size(); i-- > 0;) {
        const Jacobian<F>& point = tables[i / wnaf::multiples][i % wnaf::multiples];
        const F z = inverse * products[i], z2 = z.square();
        inverse = inverse * point.z;
        affine[i / wnaf::multiples][i % wnaf::multiples] = {point.x * z2, point.y * z2 * z};
    }
    return affine;
}

// Adds products up a batch at a time: memory does not grow with their number.
template <typename F>
class MultiScalar {
public:
    // point: of a prime order above 16, or infinity; scalar: any.
    void include(const Affine<F>& point, const Limbs& scalar) {
        if (point.is_infinity()) return;
        tables_.push_back(wnaf::table_of(Jacobian<F>::from(point)));
        digits_.push_back(wnaf::digits_of<scalar_bits>(scalar));
        if (tables_.size() == batch) add_batch();
    }

    [[nodiscard]] Jacobian<F> sum() {
        if (!tables_.empty()) add_batch();
        return sum_;
    }

private:
    static constexpr std::size_t scalar_bits = 256;
    static constexpr std::size_t batch = 64;

    void add_batch() {
        const auto tables = to_affine(tables_);
        Jacobian<F> sum{};
        for (std::size_t i = scalar_bits + 1; i-- > 0;) {
            if (!sum.is_infinity()) sum = sum.twice();
            for (std::size_t j = 0; j < tables.size(); ++j)
                wnaf::add_digit(sum, tables[j], digits_[j][i]);
        }
        sum_ = sum_ + sum;
        tables_.clear();
        digits_.clear();
    }

    std::vector<wnaf::Table<Jacobian<F>>> tables_;
    std::vector<wnaf::Digits<scalar_bits>> digits_;
    Jacobian<F> sum_{};
};

}  // namespace strikefold::evm
