// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOracle} from "../interfaces/IOracle.sol";
import {FeedConfig, Report, Source} from "../interfaces/Types.sol";
import {Median} from "../libraries/Median.sol";
import {ORACLE} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {vm} from "./Vm.sol";

contract OracleTest is Suite {
    function _post(Report memory report) private {
        Report[] memory reports = new Report[](1);
        reports[0] = report;
        ORACLE.post(feed, reports);
    }

    function _price() private view returns (uint256 value) {
        (value,) = ORACLE.price(feed);
    }

    function _expectInvalid(FeedConfig memory config, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(IOracle.InvalidFeed.selector, field));
        ORACLE.createFeed(config);
    }

    function test_feedIdIsTheHashOfTheConfiguration() public {
        FeedConfig memory config = _feedConfig();
        assertTrue(feed == keccak256(abi.encode(config)), "id");
        assertTrue(keccak256(abi.encode(ORACLE.feedConfig(feed))) == feed, "read back");
        assertTrue(ORACLE.createFeed(config) == feed, "creating again changes nothing");
        assertEq(ORACLE.checkpointCount(feed), 1, "its prices stay");
    }

    function test_refusesConfigurationsThatBreakARule() public {
        FeedConfig memory config = _feedConfig();
        config.sources = new Source[](0);
        _expectInvalid(config, "sources");
        config.sources = new Source[](17);
        _expectInvalid(config, "sources");
        config = _feedConfig();
        config.sources[1] = config.sources[0];
        _expectInvalid(config, "sources");
        config = _feedConfig();
        config.minimum = 4;
        _expectInvalid(config, "minimum");
        config.minimum = 0;
        _expectInvalid(config, "minimum");
        config = _feedConfig();
        config.maxAge = 0;
        _expectInvalid(config, "maxAge");
        config = _feedConfig();
        config.spacing = 0;
        _expectInvalid(config, "spacing");
        config = _feedConfig();
        config.window = 256 * 60 + 1;
        _expectInvalid(config, "window");
        config.window = 0;
        _expectInvalid(config, "window");
        config = _feedConfig();
        config.fallbackDelay = 30 days + 1;
        _expectInvalid(config, "fallbackDelay");
    }

    function test_priceIsTheMedianOfFreshReports() public {
        vm.warp(START + 100);
        _report([uint128(100e18), 300e18, 200e18]);
        assertEq(_price(), 200e18, "three");
        vm.warp(START + 200);
        _post(_signed(0, 150e18, uint64(START + 200)));
        assertEq(_price(), 200e18, "150, 300, 200");
        vm.warp(START + 701);
        vm.expectRevert(abi.encodeWithSelector(IOracle.StalePrice.selector, 1, 2));
        ORACLE.price(feed);
        _post(_signed(1, 301e18, uint64(START + 701)));
        (uint128 value, uint64 oldest) = ORACLE.price(feed);
        assertEq(value, 225.5e18, "two fresh ones: their mean");
        assertEq(oldest, START + 200, "oldest");
    }

    function _expectRefused(Report memory report, bytes memory reason) private {
        vm.expectRevert(reason);
        _post(report);
    }

    function test_refusesBadReports() public {
        vm.warp(START + 60);
        Report memory report = _signed(0, 1e18, uint64(START + 60));
        report.source = 3;
        _expectRefused(report, abi.encodeWithSelector(IOracle.UnknownSource.selector, 3));
        report.source = 1;
        _expectRefused(report, abi.encodeWithSelector(IOracle.InvalidSignature.selector, 1));
        report = _signed(0, 1e18, uint64(START + 60));
        report.price = 2e18;
        _expectRefused(report, abi.encodeWithSelector(IOracle.InvalidSignature.selector, 0));
        report = _signed(0, 0, uint64(START + 60));
        _expectRefused(report, abi.encodeWithSelector(IOracle.InvalidPrice.selector, 0));
        report = _signed(0, 1e18, uint64(START + 61));
        _expectRefused(report, abi.encodeWithSelector(IOracle.InvalidTimestamp.selector, 0, START + 61));
        report = _signed(0, 1e18, uint64(START + 60));
        vm.chainId(999);
        _expectRefused(report, abi.encodeWithSelector(IOracle.InvalidSignature.selector, 0));
        vm.expectRevert(abi.encodeWithSelector(IOracle.UnknownFeed.selector, bytes32(0)));
        ORACLE.post(0, new Report[](0));
    }

    function test_skipsReportsThatAreNotNewer() public {
        vm.warp(START + 60);
        _post(_signed(0, 70_000e18, uint64(START + 60)));
        _post(_signed(0, 80_000e18, uint64(START + 60)));
        _post(_signed(0, 90_000e18, uint64(START + 59)));
        (uint128 value, uint64 timestamp) = ORACLE.reportOf(feed, 0);
        assertEq(value, 70_000e18, "the first of a time stands");
        assertEq(timestamp, START + 60, "time");
    }

    function test_checkpointsKeepTheirSpacing() public {
        vm.warp(START + 59);
        _report(61_000e18);
        assertEq(ORACLE.checkpointCount(feed), 1, "too soon");
        vm.warp(START + 60);
        _report(62_000e18);
        assertEq(ORACLE.checkpointCount(feed), 2, "in time");
        (uint128 value, uint64 timestamp) = ORACLE.checkpoint(feed, 1);
        assertEq(value, 62_000e18, "value");
        assertEq(timestamp, START + 60, "time");
        vm.warp(START + 10_000);
        _post(_signed(0, 1e18, uint64(START + 10_000)));
        assertEq(ORACLE.checkpointCount(feed), 2, "one source is not enough");
    }

    function test_settlesAtTheTimeWeightedMedian() public {
        // 300 s at 90, 900 s at 100, 600 s at 110 before expiry
        uint64 expiry = uint64(START + 100_000);
        vm.warp(expiry - 1800);
        _report(90e18);
        vm.warp(expiry - 1500);
        _report(100e18);
        vm.warp(expiry - 1000);
        _report(100e18);
        vm.warp(expiry - 600);
        _report(110e18);
        vm.expectRevert(abi.encodeWithSelector(IOracle.NotExpired.selector, expiry));
        ORACLE.settle(feed, expiry);
        vm.warp(expiry + 60);
        _report(1_000e18);
        assertEq(ORACLE.settle(feed, expiry), 100e18, "median");
        assertEq(ORACLE.settlementPrice(feed, expiry), 100e18, "recorded");
        vm.warp(expiry + 120);
        _report(2_000e18);
        assertEq(ORACLE.settle(feed, expiry), 100e18, "fixed once");
    }

    function test_aCheckpointBeforeTheWindowHoldsIntoIt() public {
        uint64 expiry = uint64(START + 100_000);
        vm.warp(expiry - 1900);
        _report(50e18); // holds for 600 s: 500 of them in the window
        vm.warp(expiry - 600);
        _report(70e18); // 600 s: 1100 of 1800 s are covered
        vm.warp(expiry);
        assertEq(ORACLE.settle(feed, expiry), 70e18, "the longer one");
    }

    function test_fallsBackToTheFirstPriceAfterExpiry() public {
        uint64 expiry = uint64(START + 100_000);
        vm.warp(expiry - 700);
        _report(70e18); // 600 s of 1800 s are covered
        vm.warp(expiry + 5000);
        _report(80e18);
        vm.warp(expiry + 6000);
        _report(90e18);
        vm.warp(expiry + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IOracle.TooFewPrices.selector, 600, expiry + 1 days + 1));
        ORACLE.settle(feed, expiry);
        vm.warp(expiry + 1 days + 1);
        assertEq(ORACLE.settle(feed, expiry), 80e18, "first after expiry");
    }

    function test_fallsBackToTheLastPriceBeforeExpiry() public {
        uint64 expiry = uint64(START + 100_000);
        vm.warp(expiry - 50_000);
        _report(70e18);
        vm.warp(expiry + 1 days + 1);
        _report(80e18);
        assertEq(ORACLE.settle(feed, expiry), 70e18, "too late to count");
    }

    function test_fallsBackToTheFirstPriceEver() public {
        uint64 expiry = uint64(START - 10 days);
        assertEq(ORACLE.settle(feed, expiry), 60_000e18, "first ever");
    }

    function testFuzz_settlesAsTheSpecificationSays(uint256 seed) public {
        uint64 expiry = uint64(START + 100_000);
        uint256[] memory secondsAt = new uint256[](1801);
        uint256 count = 1 + seed % 12;
        uint256 time = expiry - 1800;
        uint128[] memory prices = new uint128[](count);
        uint256[] memory times = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            prices[i] = uint128(1 + uint256(keccak256(abi.encode(seed, i))) % 50);
            times[i] = time;
            vm.warp(time);
            _report(prices[i]);
            time += 60 + uint256(keccak256(abi.encode(i, seed))) % 90;
        }
        uint256 covered;
        for (uint256 t = expiry - 1800; t < expiry; ++t) {
            for (uint256 i = count; i != 0; --i) {
                if (times[i - 1] > t) continue;
                if (t < times[i - 1] + 600) (++secondsAt[prices[i - 1]], ++covered);
                break;
            }
        }
        vm.warp(uint256(expiry) + 1 days + 1);
        uint256 settled = ORACLE.settle(feed, expiry);
        if (2 * covered < 1800) {
            assertEq(settled, prices[count - 1], "fallback: the last one");
            return;
        }
        uint256 below;
        uint256 median;
        while (2 * below < covered) below += secondsAt[median++];
        assertEq(settled, median - 1, "price of the middle second");
    }

    function testFuzz_weightedMedianSplitsTheWeight(uint64[8] memory weights, uint8[8] memory values) public pure {
        uint256[] memory packed = new uint256[](8);
        uint256 total;
        for (uint256 i; i < 8; ++i) {
            packed[i] = Median.pack(values[i], weights[i]);
            total += weights[i];
        }
        uint256 median = Median.weighted(packed, total);
        (uint256 below, uint256 above) = (0, 0);
        for (uint256 i; i < 8; ++i) {
            if (values[i] < median) below += weights[i];
            if (values[i] > median) above += weights[i];
        }
        assertTrue(2 * below < total || total == 0, "less than half is below");
        assertLe(2 * above, total, "at most half is above");
    }
}
