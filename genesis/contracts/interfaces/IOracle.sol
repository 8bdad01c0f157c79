// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FeedConfig, Report} from "./Types.sol";

/// @title Prices signed by named sources: current medians and settlement prices. No owner.
interface IOracle {
    event FeedCreated(bytes32 indexed feed, bytes32 indexed description, FeedConfig config);
    event PriceReported(bytes32 indexed feed, address indexed signer, uint128 price, uint64 timestamp);
    event CheckpointAdded(bytes32 indexed feed, uint128 price, uint64 timestamp);
    event SettlementFixed(bytes32 indexed feed, uint64 indexed expiry, uint128 price, bool fallbackUsed);

    /// @notice The configuration breaks a rule; `field` names it.
    error InvalidFeed(string field);
    error UnknownFeed(bytes32 feed);
    error UnknownSource(uint8 source);
    error InvalidSignature(uint8 source);
    error InvalidPrice(uint8 source);
    /// @notice The report is in the future.
    error InvalidTimestamp(uint8 source, uint64 timestamp);
    error StalePrice(uint256 fresh, uint256 minimum);
    error NotExpired(uint64 expiry);
    /// @notice The window has too few prices and the fallback applies only from `from`.
    error TooFewPrices(uint256 coveredSeconds, uint64 from);

    function createFeed(FeedConfig calldata config) external returns (bytes32 feed);
    function feedId(FeedConfig calldata config) external pure returns (bytes32 feed);
    function feedConfig(bytes32 feed) external view returns (FeedConfig memory);

    /// @notice Records signed reports; anyone may. A report not newer than the source's last is skipped.
    /// If enough sources are then fresh, their median becomes a checkpoint (one per `spacing` seconds).
    function post(bytes32 feed, Report[] calldata reports) external;

    /// @notice Median of the fresh reports (mean of the middle two, rounded down, if even).
    function price(bytes32 feed) external view returns (uint128 value, uint64 oldest);

    /// @notice Latest report of a source.
    function reportOf(bytes32 feed, uint8 source) external view returns (uint128 value, uint64 timestamp);

    function checkpointCount(bytes32 feed) external view returns (uint256);
    function checkpoint(bytes32 feed, uint256 index) external view returns (uint128 value, uint64 timestamp);

    /// @notice Fixes the settlement price of an expiry, once; returns it on every later call.
    /// Rule: the time-weighted median of the checkpoints over [expiry - window, expiry], where each
    /// holds until the next one or for maxAge, if they cover at least half of the window.
    /// Otherwise, later than expiry + fallbackDelay: the first checkpoint later than expiry and not later than
    /// expiry + fallbackDelay; if there is none, the last one not later than expiry; else the first ever.
    function settle(bytes32 feed, uint64 expiry) external returns (uint128 value);

    /// @notice Fixed settlement price, or zero.
    function settlementPrice(bytes32 feed, uint64 expiry) external view returns (uint128 value);

    /// @notice EIP-712 digest that a source signs.
    function priceDigest(bytes32 feed, uint128 value, uint64 timestamp) external view returns (bytes32);
}
