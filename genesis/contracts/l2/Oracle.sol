// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {IOracle} from "../interfaces/IOracle.sol";
import {FeedConfig, Report, Source} from "../interfaces/Types.sol";
import {Median} from "../libraries/Median.sol";
import {TypedData} from "../libraries/TypedData.sol";

/// @title Prices signed by named sources.
/// @notice Anyone creates a feed; its id is the hash of its configuration, which never changes. Anyone posts
/// reports that its sources signed. The price is the median of fresh reports; a settlement price is fixed
/// once, by the rule of `IOracle.settle`, from checkpoints of that median.
contract Oracle is IOracle, TypedData {
    /// @dev A price at a time, in one slot.
    struct Observation {
        uint128 price;
        uint64 timestamp;
    }

    struct Feed {
        uint8 sourceCount;
        uint8 minimum;
        uint32 maxAge;
        uint32 spacing;
        uint32 window;
        uint32 fallbackDelay;
        bytes32 description;
        Source[] sources;
        Observation[] checkpoints;
        mapping(uint8 source => Observation) reports;
        mapping(uint64 expiry => uint128) settlements;
    }

    bytes32 private constant _PRICE_TYPEHASH = keccak256("Price(bytes32 feed,uint128 price,uint64 timestamp)");
    uint256 private constant _MAX_SOURCES = 16;
    /// @dev Bounds the work of `settle`.
    uint256 private constant _MAX_CHECKPOINTS_IN_WINDOW = 256;
    /// @dev Bounds how long a settlement can wait.
    uint256 private constant _MAX_FALLBACK_DELAY = 30 days;

    mapping(bytes32 feed => Feed) private _feeds;

    /// @inheritdoc IOracle
    function createFeed(FeedConfig calldata config) external returns (bytes32 id) {
        id = feedId(config);
        Feed storage feed = _feeds[id];
        if (feed.sourceCount != 0) return id;
        _check(config);
        feed.sourceCount = uint8(config.sources.length);
        feed.minimum = config.minimum;
        feed.maxAge = config.maxAge;
        feed.spacing = config.spacing;
        feed.window = config.window;
        feed.fallbackDelay = config.fallbackDelay;
        feed.description = config.description;
        for (uint256 i; i < config.sources.length; ++i) {
            feed.sources.push(config.sources[i]);
        }
        emit FeedCreated(id, config.description, config);
    }

    /// @inheritdoc IOracle
    function post(bytes32 id, Report[] calldata reports) external {
        Feed storage feed = _existing(id);
        bool changed;
        for (uint256 i; i < reports.length; ++i) {
            if (_record(feed, id, reports[i])) changed = true;
        }
        if (changed) _addCheckpoint(feed, id);
    }

    /// @inheritdoc IOracle
    function settle(bytes32 id, uint64 expiry) external returns (uint128 value) {
        Feed storage feed = _existing(id);
        value = feed.settlements[expiry];
        if (value != 0) return value;
        if (block.timestamp < expiry) revert NotExpired(expiry);
        uint256 later = _firstAfter(feed, expiry);
        (uint256[] memory weights, uint256 covered) = _window(feed, expiry, later);
        bool fallbackUsed = covered == 0 || 2 * covered < feed.window;
        value = fallbackUsed ? _fallback(feed, expiry, later, covered) : Median.weighted(weights, covered);
        feed.settlements[expiry] = value;
        emit SettlementFixed(id, expiry, value, fallbackUsed);
    }

    /// @inheritdoc IOracle
    function price(bytes32 id) external view returns (uint128 value, uint64 oldest) {
        Feed storage feed = _existing(id);
        uint256[] memory fresh;
        (fresh, oldest) = _fresh(feed);
        if (fresh.length < feed.minimum) revert StalePrice(fresh.length, feed.minimum);
        value = Median.plain(fresh);
    }

    /// @inheritdoc IOracle
    function feedConfig(bytes32 id) external view returns (FeedConfig memory) {
        Feed storage feed = _existing(id);
        return FeedConfig({
            description: feed.description,
            sources: feed.sources,
            minimum: feed.minimum,
            maxAge: feed.maxAge,
            spacing: feed.spacing,
            window: feed.window,
            fallbackDelay: feed.fallbackDelay
        });
    }

    /// @inheritdoc IOracle
    function reportOf(bytes32 id, uint8 source) external view returns (uint128 value, uint64 timestamp) {
        Observation storage report = _feeds[id].reports[source];
        return (report.price, report.timestamp);
    }

    /// @inheritdoc IOracle
    function checkpointCount(bytes32 id) external view returns (uint256) {
        return _feeds[id].checkpoints.length;
    }

    /// @inheritdoc IOracle
    function checkpoint(bytes32 id, uint256 index) external view returns (uint128 value, uint64 timestamp) {
        Observation storage observation = _feeds[id].checkpoints[index];
        return (observation.price, observation.timestamp);
    }

    /// @inheritdoc IOracle
    function settlementPrice(bytes32 id, uint64 expiry) external view returns (uint128) {
        return _feeds[id].settlements[expiry];
    }

    /// @inheritdoc IOracle
    function feedId(FeedConfig calldata config) public pure returns (bytes32) {
        return keccak256(abi.encode(config));
    }

    /// @inheritdoc IOracle
    function priceDigest(bytes32 id, uint128 value, uint64 timestamp) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(_PRICE_TYPEHASH, id, value, timestamp)));
    }

    function _domainNameHash() internal pure override returns (bytes32) {
        return keccak256("Strikefold Oracle");
    }

    /// @dev Stores a report; false if the source has reported the same time or a later one already.
    function _record(Feed storage feed, bytes32 id, Report calldata report) private returns (bool) {
        uint8 source = report.source;
        if (source >= feed.sourceCount) revert UnknownSource(source);
        if (report.price == 0) revert InvalidPrice(source);
        if (report.timestamp > block.timestamp) revert InvalidTimestamp(source, report.timestamp);
        Observation storage last = feed.reports[source];
        if (report.timestamp <= last.timestamp) return false;
        address signer = feed.sources[source].signer;
        bytes32 digest = priceDigest(id, report.price, report.timestamp);
        if (ECDSA.tryRecoverCalldata(digest, report.signature) != signer) revert InvalidSignature(source);
        (last.price, last.timestamp) = (report.price, report.timestamp);
        emit PriceReported(id, signer, report.price, report.timestamp);
        return true;
    }

    /// @dev The first median of each `spacing` seconds stands: a checkpoint is never rewritten.
    function _addCheckpoint(Feed storage feed, bytes32 id) private {
        Observation[] storage checkpoints = feed.checkpoints;
        uint256 count = checkpoints.length;
        if (count != 0 && block.timestamp < uint256(checkpoints[count - 1].timestamp) + feed.spacing) return;
        (uint256[] memory fresh,) = _fresh(feed);
        if (fresh.length < feed.minimum) return;
        uint128 value = Median.plain(fresh);
        checkpoints.push(Observation(value, uint64(block.timestamp)));
        emit CheckpointAdded(id, value, uint64(block.timestamp));
    }

    /// @dev Prices of reports not older than maxAge, and the time of the oldest of them.
    function _fresh(Feed storage feed) private view returns (uint256[] memory prices, uint64 oldest) {
        uint256 sourceCount = feed.sourceCount;
        uint256 maxAge = feed.maxAge;
        prices = new uint256[](sourceCount);
        uint256 count;
        oldest = type(uint64).max;
        for (uint256 i; i < sourceCount; ++i) {
            Observation memory report = feed.reports[uint8(i)];
            if (report.price == 0 || report.timestamp + maxAge < block.timestamp) continue;
            prices[count++] = report.price;
            if (report.timestamp < oldest) oldest = report.timestamp;
        }
        _truncate(prices, count);
    }

    /// @dev Index of the first checkpoint later than `time`; their number if there is none.
    function _firstAfter(Feed storage feed, uint64 time) private view returns (uint256 low) {
        uint256 high = feed.checkpoints.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (feed.checkpoints[middle].timestamp <= time) low = middle + 1;
            else high = middle;
        }
    }

    /// @dev Prices over [expiry - window, expiry] weighted by the seconds each held, and their sum.
    /// A checkpoint holds until the next one, or for maxAge if that is sooner.
    /// @param later Index of the first checkpoint later than expiry.
    function _window(Feed storage feed, uint64 expiry, uint256 later)
        private
        view
        returns (uint256[] memory weights, uint256 covered)
    {
        uint256 start = FixedPointMathLib.zeroFloorSub(expiry, feed.window);
        uint256 maxAge = feed.maxAge;
        uint256 next = expiry;
        uint256 count;
        // One more than fit in the window: the checkpoint that holds at its start.
        weights = new uint256[](FixedPointMathLib.min(later, _MAX_CHECKPOINTS_IN_WINDOW + 2));
        for (uint256 i = later; i != 0 && next > start; --i) {
            Observation memory observation = feed.checkpoints[i - 1];
            uint256 from = FixedPointMathLib.max(observation.timestamp, start);
            uint256 to = FixedPointMathLib.min(next, observation.timestamp + maxAge);
            if (to > from) {
                weights[count++] = Median.pack(observation.price, uint64(to - from));
                covered += to - from;
            }
            next = observation.timestamp;
        }
        _truncate(weights, count);
    }

    /// @dev See IOracle.settle. Waits until no checkpoint that matters can still be added.
    function _fallback(Feed storage feed, uint64 expiry, uint256 later, uint256 covered)
        private
        view
        returns (uint128)
    {
        uint256 until = uint256(expiry) + feed.fallbackDelay;
        uint256 count = feed.checkpoints.length;
        if (block.timestamp <= until || count == 0) revert TooFewPrices(covered, uint64(until + 1));
        bool inTime = later < count && feed.checkpoints[later].timestamp <= until;
        if (inTime || later == 0) return feed.checkpoints[later].price;
        return feed.checkpoints[later - 1].price;
    }

    function _existing(bytes32 id) private view returns (Feed storage feed) {
        feed = _feeds[id];
        if (feed.sourceCount == 0) revert UnknownFeed(id);
    }

    function _check(FeedConfig calldata config) private pure {
        uint256 count = config.sources.length;
        if (count == 0 || count > _MAX_SOURCES) revert InvalidFeed("sources");
        address last;
        for (uint256 i; i < count; ++i) {
            if (config.sources[i].signer <= last) revert InvalidFeed("sources");
            last = config.sources[i].signer;
        }
        if (config.minimum == 0 || config.minimum > count) revert InvalidFeed("minimum");
        if (config.maxAge == 0) revert InvalidFeed("maxAge");
        if (config.spacing == 0) revert InvalidFeed("spacing");
        bool tooLong = config.window > _MAX_CHECKPOINTS_IN_WINDOW * config.spacing;
        if (config.window == 0 || tooLong) revert InvalidFeed("window");
        if (config.fallbackDelay > _MAX_FALLBACK_DELAY) revert InvalidFeed("fallbackDelay");
    }

    function _truncate(uint256[] memory values, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(values, length)
        }
    }
}
