// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {Margin, OptionType, SettlementKind} from "../interfaces/Types.sol";

/// @title What a position is worth at settlement, and the collateral that covers it.
/// @notice With S the settlement price held at the bound, K the strike, q contracts (18 decimals) and an
/// asset of d decimals, and I = max(0, S - K) for a call, max(0, K - S) for a put:
///   LINEAR   payoff = q * I * 10^d / 10^36
///   INVERSE  payoff = q * I * 10^d / (S * 10^18)
/// Each is one exact division, rounded down for holders, up for collateral and what writers owe, so any
/// way of splitting positions pays at most what is locked.
/// @dev No overflow: q, strike, bound and S are below 2^128 and 10^d below 2^60; products are 512-bit.
library Payoff {
    /// @notice Payoff of long contracts, rounded down.
    function owed(Margin memory margin, uint256 quantity, uint256 price) internal pure returns (uint256) {
        (uint256 gain, uint256 divisor) = _rate(margin, price);
        return FixedPointMathLib.fullMulDiv(quantity * 10 ** margin.decimals, gain, divisor);
    }

    /// @notice Payoff that short contracts owe, rounded up.
    function owes(Margin memory margin, uint256 quantity, uint256 price) internal pure returns (uint256) {
        (uint256 gain, uint256 divisor) = _rate(margin, price);
        return FixedPointMathLib.fullMulDivUp(quantity * 10 ** margin.decimals, gain, divisor);
    }

    /// @notice Largest payoff over all settlement prices, rounded up.
    /// @dev The payoff grows towards the bound. Without one, an inverse call tends to one coin and a
    /// linear put to the strike.
    function collateral(Margin memory margin, uint256 quantity) internal pure returns (uint256) {
        if (margin.bound == 0 && margin.optionType == OptionType.CALL) {
            return FixedPointMathLib.fullMulDivUp(quantity, 10 ** margin.decimals, 1e18);
        }
        return owes(margin, quantity, margin.bound);
    }

    function _rate(Margin memory margin, uint256 price) private pure returns (uint256 gain, uint256 divisor) {
        if (margin.optionType == OptionType.CALL) {
            if (margin.bound != 0) price = FixedPointMathLib.min(price, margin.bound);
            gain = FixedPointMathLib.zeroFloorSub(price, margin.strike);
        } else {
            price = FixedPointMathLib.max(price, margin.bound);
            gain = FixedPointMathLib.zeroFloorSub(margin.strike, price);
        }
        divisor = margin.kind == SettlementKind.LINEAR ? 1e36 : price * 1e18;
    }
}
