// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Leg, OptionType, Order, Report, SettlementKind, Terms} from "../interfaces/Types.sol";
import {EXCHANGE, LONGS, ORACLE, POOL, SERIES, SETTLEMENT} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {vm} from "./Vm.sol";

/// @dev Gas of whole transactions (run with --isolate: every call from a test is one, all slots cold at its
/// start), recorded in snapshots/gas.json and compared with it.
contract GasTest is Suite {
    uint256 private constant ACCOUNTS = 100;

    function _snapshot(string memory name) private returns (uint256) {
        return vm.snapshotGasLastCall("gas", name);
    }

    function test_createSeries() public {
        SERIES.create(_terms(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0));
        _snapshot("create series");
    }

    function test_oracle() public {
        vm.warp(START + 600);
        Report[] memory reports = new Report[](3);
        for (uint8 i; i < 3; ++i) {
            reports[i] = _signed(i, 61_000e18, uint64(block.timestamp));
        }
        ORACLE.post(feed, reports);
        _snapshot("oracle: post three reports");
    }

    function test_write() public {
        uint256 id = _inverseCall(90_000e18);
        _write(alice, id, ONE);
        _snapshot("write: first of a series");
        _write(alice, id, ONE);
        _snapshot("write: again");
        vm.prank(alice);
        POOL.close(id, ONE);
        _snapshot("close");
        vm.prank(alice);
        LONGS.transfer(bob, id, ONE / 2);
        _snapshot("transfer: to a new holder");
    }

    function test_trade() public {
        uint256 id = _inverseCall(90_000e18);
        BTC.mint(vault, 1);
        Order memory order = _order(id, false);
        assertLe(_trade(order, true, "trade: maker writes, first of a series"), 270_000, "first trade");
        assertLe(_trade(order, true, "trade: maker writes, again"), 160_000, "trade with writing");
        order = _order(id, true);
        order.nonce = 2;
        _trade(order, false, "trade: held contracts, new holder");
        assertLe(_trade(order, false, "trade: held contracts, again"), 120_000, "trade of held contracts");
    }

    function _trade(Order memory order, bool takerWrites, string memory name) private returns (uint256) {
        bytes memory signature = _signOrder(order, ALICE_KEY);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, 0.1e18, takerWrites);
        return _snapshot(name);
    }

    function test_multiLegTrade() public {
        Order memory order = _order(0, false);
        order.legs = new Leg[](2);
        (uint256 low, uint256 high) = (_inverseCall(90_000e18), _inverseCall(95_000e18));
        if (low > high) (low, high) = (high, low);
        (order.legs[0], order.legs[1]) = (Leg(low, false, 1), Leg(high, false, 1));
        _trade(order, true, "trade: two legs, first of both series");
        _trade(order, true, "trade: two legs, again");
    }

    function test_settle() public {
        uint256 id = _inverseCall(90_000e18);
        address[] memory holders = new address[](ACCOUNTS);
        _write(alice, id, ACCOUNTS * ONE);
        for (uint256 i; i < ACCOUNTS; ++i) {
            holders[i] = address(uint160(0x10000 + i));
            BTC.mint(holders[i], 1);
            vm.prank(alice);
            LONGS.transfer(holders[i], id, ONE);
        }
        _expireAt(EXPIRY, 120_000e18);
        SETTLEMENT.fix(id);
        _snapshot("settle: fix a price from the window");
        SETTLEMENT.settleSeries(id, holders);
        assertLe(_snapshot("settle: 100 holders"), ACCOUNTS * 45_000, "per position");
        _settle(id, alice);
        _snapshot("settle: one writer");
    }
}
