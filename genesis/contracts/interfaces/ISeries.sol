// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Margin, Terms} from "./Types.sol";

/// @title Option series: terms by id, and long positions as ERC-6909 tokens with 18 decimals.
/// @notice Anyone may create a series. Only the Pool mints and burns. No owner.
interface ISeries {
    event SeriesCreated(uint256 indexed id, address indexed underlying, uint64 indexed expiry, Terms terms);

    /// @notice The terms break a rule; `field` names it.
    error InvalidTerms(string field);
    error UnknownSeries(uint256 id);
    error OnlyPool();

    /// @notice Registers a series; does nothing if it exists.
    function create(Terms calldata terms) external returns (uint256 id);

    /// @notice Id of a series, whether it exists or not.
    function idOf(Terms calldata terms) external pure returns (uint256 id);

    function exists(uint256 id) external view returns (bool);

    /// @notice Reverts with UnknownSeries if there is none.
    function termsOf(uint256 id) external view returns (Terms memory);

    function expiryOf(uint256 id) external view returns (uint64);

    /// @notice Decimals of the settlement asset, read when the series was created.
    function settlementDecimals(uint256 id) external view returns (uint8);

    /// @notice What collateral and payoff depend on, in one read.
    function marginOf(uint256 id) external view returns (Margin memory);

    /// @notice Feed and expiry that settle the series.
    function feedOf(uint256 id) external view returns (bytes32 feed, uint64 expiry);

    /// @notice Collateral that `quantity` contracts need, rounded up, in the settlement asset.
    function collateral(uint256 id, uint256 quantity) external view returns (uint256);

    /// @notice Payoff of `quantity` long contracts at a settlement price, rounded down.
    function payoff(uint256 id, uint256 quantity, uint256 price) external view returns (uint256);

    /// @notice Long contracts outstanding.
    function totalSupply(uint256 id) external view returns (uint256);

    /// @notice Called by the Pool only, against collateral.
    function mint(address to, uint256 id, uint256 quantity) external;

    /// @notice Called by the Pool only.
    function burn(address from, uint256 id, uint256 quantity) external;
}
