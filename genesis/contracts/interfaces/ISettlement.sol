// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Position} from "./Types.sol";

/// @title Settlement of expired series, by anyone, in any order and any batches. No owner.
interface ISettlement {
    event SeriesSettled(uint256 indexed id, uint128 price);

    error NotExpired(uint256 id, uint64 expiry);

    /// @notice Fixes the settlement price of a series, once; returns it on every later call.
    function fix(uint256 id) external returns (uint128 price);

    /// @notice Pays long and short positions, fixing prices where needed. Positions already settled or
    /// empty pay nothing, so repeating a batch changes nothing.
    /// @return paid Amounts paid, position by position, each in its series' settlement asset.
    function settle(Position[] calldata positions) external returns (uint256[] memory paid);

    /// @notice Same for many accounts of one series.
    function settleSeries(uint256 id, address[] calldata accounts) external returns (uint256 paid);

    /// @notice Fixed price of a series, or zero.
    function priceOf(uint256 id) external view returns (uint128 price);
}
