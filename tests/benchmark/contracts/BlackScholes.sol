// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title European option prices in fixed point, as a benchmark of compute-heavy calls.
/// @notice Numbers have 18 decimals. Abramowitz and Stegun 26.2.17 for the normal distribution.
contract BlackScholes {
    int256 private constant ONE = 1e18;

    /// @notice Value of the last call option priced.
    int256 public last;

    /// @notice Prices a call and keeps the result.
    function price(int256 spot, int256 strike, int256 volatility, int256 rate, int256 time)
        external
        returns (int256 value)
    {
        int256 deviation = volatility * root(time) / ONE;
        int256 drift = (rate + volatility * volatility / (2 * ONE)) * time / ONE;
        int256 d1 = (logarithm(spot * ONE / strike) + drift) * ONE / deviation;
        int256 discounted = strike * exponential(-rate * time / ONE) / ONE;
        value = (spot * normal(d1) - discounted * normal(d1 - deviation)) / ONE;
        last = value;
    }

    function root(int256 x) internal pure returns (int256 y) {
        int256 square = x * ONE;
        y = x > ONE ? x : ONE;
        for (uint256 i = 0; i < 12; i++) y = (y + square / y) / 2;
    }

    function exponential(int256 x) internal pure returns (int256 sum) {
        if (x < 0) return ONE * ONE / exponential(-x);
        uint256 halvings = 0;
        while (x > ONE / 16) {
            x /= 2;
            halvings++;
        }
        int256 term = ONE;
        sum = ONE;
        for (int256 n = 1; n < 10; n++) {
            term = term * x / (n * ONE);
            sum += term;
        }
        for (uint256 i = 0; i < halvings; i++) sum = sum * sum / ONE;
    }

    function logarithm(int256 x) internal pure returns (int256 y) {
        y = x - ONE;
        for (uint256 i = 0; i < 5; i++) {
            int256 e = exponential(y);
            y += 2 * ONE * (x - e) / (x + e);
        }
    }

    function normal(int256 x) internal pure returns (int256) {
        int256 magnitude = x < 0 ? -x : x;
        int256 t = ONE * ONE / (ONE + 231641900000000000 * magnitude / ONE);
        int256 density = exponential(-magnitude * magnitude / (2 * ONE)) * 398942280401432678 / ONE;
        int256 poly = 1330274429000000000;
        poly = -1821255978000000000 + poly * t / ONE;
        poly = 1781477937000000000 + poly * t / ONE;
        poly = -356563782000000000 + poly * t / ONE;
        poly = 319381530000000000 + poly * t / ONE;
        int256 tail = density * (poly * t / ONE) / ONE;
        return x < 0 ? tail : ONE - tail;
    }
}
