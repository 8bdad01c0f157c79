// Points of secp256k1 as the machine's calls take them; in place of the core's header of this name.
#pragma once

#include "evm/secp256k1.hpp"
#include "zkvm_calls.hpp"

namespace strikefold::evm::secp256k1 {

// Affine; infinity has x = y = 0, which is on no curve with b != 0.
struct Point {
    Coordinate x, y;

    [[nodiscard]] static Point from(const Affine<Coordinate>& p) noexcept { return {p.x, p.y}; }
    [[nodiscard]] Affine<Coordinate> to_affine() const noexcept { return {x, y}; }
    [[nodiscard]] bool is_infinity() const noexcept { return x.is_zero() && y.is_zero(); }
    friend Point operator-(const Point& p) noexcept { return {p.x, -p.y}; }
};
static_assert(sizeof(Point) == sizeof(call::Point) &&
              sizeof(Affine<Coordinate>) == sizeof(call::Point));

// No point has y = 0: the order is odd.
inline void twice_in_place(Point& p) noexcept {
    if (!p.is_infinity()) call::secp256k1_double(reinterpret_cast<call::Point&>(p));
}

// q is not infinity. The call adds points of different x only: whoever signs could arrange that
// they are equal.
template <typename Q>
void add_in_place(Point& p, const Q& q) noexcept {
    if (p.is_infinity())
        p = {q.x, q.y};
    else if (p.x != q.x)
        call::secp256k1_add(reinterpret_cast<call::Point&>(p),
                            reinterpret_cast<const call::Point&>(q));
    else if (p.y == q.y)
        twice_in_place(p);
    else
        p = {};
}

}  // namespace strikefold::evm::secp256k1
