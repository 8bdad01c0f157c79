// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISeries} from "../interfaces/ISeries.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Position} from "../interfaces/Types.sol";
import {LONGS, POOL, SERIES, SETTLEMENT} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {vm} from "./Vm.sol";

contract SettlementTest is Suite {
    function test_paysHoldersAndWriters() public {
        uint256 id = _inverseCall(90_000e18);
        _write(alice, id, 2 * ONE);
        vm.prank(alice);
        LONGS.transfer(bob, id, 2 * ONE);
        _expireAt(EXPIRY, 120_000e18);
        uint256 before = BTC.balanceOf(bob);
        assertEq(_settle(id, bob), 0.5e8, "payoff");
        assertEq(BTC.balanceOf(bob) - before, 0.5e8, "received");
        assertEq(_settle(id, alice), 1.5e8, "residual");
        assertEq(POOL.locked(id), 0, "nothing left");
        assertEq(SERIES.totalSupply(id), 0, "no supply");
        assertEq(SETTLEMENT.priceOf(id), 120_000e18, "price");
    }

    function test_longAndShortOfOneAccountArePaidTogether() public {
        uint256 id = _linearPut(80_000e18);
        _write(alice, id, ONE);
        _expireAt(EXPIRY, 50_000e18);
        assertEq(_settle(id, alice), 80_000e6, "both sides");
    }

    function test_waitsForExpiry() public {
        uint256 id = _inverseCall(90_000e18);
        vm.warp(EXPIRY - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotExpired.selector, id, EXPIRY));
        SETTLEMENT.fix(id);
        vm.expectRevert(abi.encodeWithSelector(ISeries.UnknownSeries.selector, 1));
        SETTLEMENT.fix(1);
    }

    function test_seriesOfOneExpiryShareThePrice() public {
        uint256 first = _inverseCall(90_000e18);
        uint256 second = _linearPut(90_000e18);
        _expireAt(EXPIRY, 50_000e18);
        SETTLEMENT.fix(first);
        vm.warp(EXPIRY + 1000);
        _report(60_000e18);
        assertEq(SETTLEMENT.fix(second), 50_000e18, "fixed for the expiry");
        assertEq(SETTLEMENT.fix(first), 50_000e18, "once");
    }

    function test_repeatingABatchPaysNothing() public {
        uint256 id = _inverseCall(90_000e18);
        _write(alice, id, ONE);
        _expireAt(EXPIRY, 120_000e18);
        Position[] memory positions = new Position[](3);
        positions[0] = Position(id, alice);
        positions[1] = Position(id, alice);
        positions[2] = Position(id, carol);
        uint256[] memory paid = SETTLEMENT.settle(positions);
        assertEq(paid[0], 1e8, "first");
        assertEq(paid[1] + paid[2], 0, "settled already, and never had any");
        paid = SETTLEMENT.settle(positions);
        assertEq(paid[0] + paid[1] + paid[2], 0, "again");
    }

    /// @dev Any split of positions into batches, in any order, pays each the same; all at most what is locked.
    function testFuzz_orderAndBatchesDoNotMatter(uint256 seed, uint128 price, uint256[4] memory sizes) public {
        price = uint128(bound(price, 1e18, 1_000_000e18));
        uint256[4] memory ids = [
            _inverseCall(90_000e18),
            _linearPut(70_000e18),
            _inversePut(80_000e18, 9_000e18),
            _linearCall(50_000e18, 99_999e18)
        ];
        address[3] memory accounts = [alice, bob, carol];
        for (uint256 i; i < 4; ++i) {
            sizes[i] = bound(sizes[i], 3, 1e22);
            _write(alice, ids[i], sizes[i]);
            _write(bob, ids[i], sizes[i] / 3);
            vm.prank(alice);
            LONGS.transfer(carol, ids[i], sizes[i] / 2);
        }
        _expireAt(EXPIRY, price);
        uint256 start = seed % 12;
        uint256 step = [uint256(1), 5, 7, 11][seed % 4];
        for (uint256 i; i < 12; ++i) {
            uint256 chosen = (start + i * step) % 12;
            _settleAndCheck(ids[chosen % 4], accounts[chosen / 4], price);
        }
        for (uint256 i; i < 4; ++i) {
            assertLe(POOL.locked(ids[i]), 4, "dust of rounding at most");
            assertEq(SERIES.totalSupply(ids[i]), 0, "supply");
        }
    }

    function _settleAndCheck(uint256 id, address account, uint256 price) private {
        uint256 short = POOL.shortOf(id, account);
        uint256 residual = SERIES.collateral(id, short) - SERIES.payoff(id, short, price);
        uint256 expected = SERIES.payoff(id, LONGS.balanceOf(account, id), price) + residual;
        uint256 paid = _settle(id, account);
        assertLe(paid, expected, "payoff and residual");
        assertLe(expected, paid + 1, "to the unit");
    }
}
