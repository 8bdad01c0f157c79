// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Margin, OptionType, SettlementKind} from "../interfaces/Types.sol";
import {Payoff} from "../libraries/Payoff.sol";
import {Test} from "./Vm.sol";

contract PayoffTest is Test {
    uint256 private constant MAX_QUANTITY = type(uint128).max;

    function _margin(uint256 kinds, uint256 strike, uint256 limit, uint256 decimals)
        private
        pure
        returns (Margin memory margin)
    {
        margin.decimals = uint8(bound(decimals, 1, 18));
        margin.optionType = kinds & 1 == 0 ? OptionType.CALL : OptionType.PUT;
        margin.kind = kinds & 2 == 0 ? SettlementKind.INVERSE : SettlementKind.LINEAR;
        margin.strike = uint128(bound(strike, 2, type(uint128).max - 1));
        bool call = margin.optionType == OptionType.CALL;
        bool optional = call == (margin.kind == SettlementKind.INVERSE);
        if (optional && limit % 2 == 0) return margin;
        margin.bound = uint128(
            call ? bound(limit, uint256(margin.strike) + 1, type(uint128).max) : bound(limit, 1, margin.strike - 1)
        );
    }

    function test_matchesHandComputedValues() public pure {
        Margin memory call = Margin(address(1), 0, 8, OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0);
        // 2 contracts at 120000: 2 * 30000 / 120000 = 0.5 BTC
        assertEq(Payoff.owed(call, 2e18, 120_000e18), 0.5e8, "inverse call");
        assertEq(Payoff.owed(call, 2e18, 90_000e18), 0, "at the money");
        assertEq(Payoff.collateral(call, 2e18), 2e8, "one coin a contract");
        Margin memory put = Margin(address(1), 0, 6, OptionType.PUT, SettlementKind.LINEAR, 90_000e18, 0);
        assertEq(Payoff.owed(put, 0.5e18, 80_000e18), 5_000e6, "linear put");
        assertEq(Payoff.collateral(put, 0.5e18), 45_000e6, "strike in quote");
        Margin memory floored = Margin(address(1), 0, 8, OptionType.PUT, SettlementKind.INVERSE, 90_000e18, 30_000e18);
        // at 60000: 30000 / 60000; below the floor of 30000: 60000 / 30000
        assertEq(Payoff.owed(floored, 1e18, 60_000e18), 0.5e8, "inverse put");
        assertEq(Payoff.owed(floored, 1e18, 10_000e18), 2e8, "held at the floor");
        assertEq(Payoff.collateral(floored, 1e18), 2e8, "worst at the floor");
        Margin memory capped = Margin(address(1), 0, 6, OptionType.CALL, SettlementKind.LINEAR, 90_000e18, 100_000e18);
        assertEq(Payoff.owed(capped, 1e18, 95_000e18), 5_000e6, "linear call");
        assertEq(Payoff.owed(capped, 1e18, 1_000_000e18), 10_000e6, "held at the cap");
        assertEq(Payoff.collateral(capped, 1e18), 10_000e6, "worst at the cap");
    }

    function testFuzz_collateralCoversEveryPrice(
        uint256 kinds,
        uint256 strike,
        uint256 limit,
        uint256 decimals,
        uint256 quantity,
        uint256 price
    ) public pure {
        Margin memory margin = _margin(kinds, strike, limit, decimals);
        quantity = bound(quantity, 0, MAX_QUANTITY);
        price = bound(price, 1, type(uint128).max);
        uint256 owed = Payoff.owed(margin, quantity, price);
        uint256 owes = Payoff.owes(margin, quantity, price);
        assertLe(owed, owes, "holders down, writers up");
        assertLe(owes, owed + 1, "by at most one unit");
        assertLe(owes, Payoff.collateral(margin, quantity), "collateral");
    }

    function testFuzz_payoffIsMonotoneInPrice(uint256 kinds, uint256 strike, uint256 limit, uint256 low, uint256 high)
        public
        pure
    {
        Margin memory margin = _margin(kinds, strike, limit, 8);
        low = bound(low, 1, type(uint128).max);
        high = bound(high, low, type(uint128).max);
        (uint256 atLow, uint256 atHigh) = (Payoff.owed(margin, 1e18, low), Payoff.owed(margin, 1e18, high));
        if (margin.optionType == OptionType.CALL) assertLe(atLow, atHigh, "call");
        else assertLe(atHigh, atLow, "put");
    }

    function testFuzz_splittingNeverPaysMore(
        uint256 kinds,
        uint256 strike,
        uint256 limit,
        uint256 first,
        uint256 second,
        uint256 price
    ) public pure {
        Margin memory margin = _margin(kinds, strike, limit, 8);
        first = bound(first, 0, MAX_QUANTITY / 2);
        second = bound(second, 0, MAX_QUANTITY / 2);
        price = bound(price, 1, type(uint128).max);
        uint256 whole = first + second;
        assertLe(
            Payoff.owed(margin, first, price) + Payoff.owed(margin, second, price),
            Payoff.owed(margin, whole, price),
            "holders"
        );
        assertLe(
            Payoff.owes(margin, whole, price),
            Payoff.owes(margin, first, price) + Payoff.owes(margin, second, price),
            "writers"
        );
        assertLe(
            Payoff.collateral(margin, whole),
            Payoff.collateral(margin, first) + Payoff.collateral(margin, second),
            "collateral"
        );
    }
}
