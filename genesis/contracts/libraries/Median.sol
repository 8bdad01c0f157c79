// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LibSort} from "solady/utils/LibSort.sol";

/// @title Medians of prices.
library Median {
    /// @notice Middle value; the mean of the middle two, rounded down, if their number is even.
    /// @param values At least one; sorted in place.
    function plain(uint256[] memory values) internal pure returns (uint128) {
        LibSort.insertionSort(values);
        uint256 half = values.length / 2;
        if (values.length % 2 == 1) return uint128(values[half]);
        return uint128((values[half - 1] + values[half]) / 2);
    }

    /// @notice A price and its weight in one word, ordered by price.
    function pack(uint128 price, uint64 weight) internal pure returns (uint256) {
        return (uint256(price) << 64) | weight;
    }

    /// @notice Least price at or below which at least half of the total weight lies.
    /// @param packed Prices with weights (see `pack`), at least one; sorted in place.
    function weighted(uint256[] memory packed, uint256 totalWeight) internal pure returns (uint128) {
        LibSort.sort(packed);
        uint256 last;
        uint256 weight = uint64(packed[0]);
        while (2 * weight < totalWeight) {
            weight += uint64(packed[++last]);
        }
        return uint128(packed[last] >> 64);
    }
}
