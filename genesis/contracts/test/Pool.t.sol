// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC6909} from "solady/tokens/ERC6909.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";

import {IPool} from "../interfaces/IPool.sol";
import {ISeries} from "../interfaces/ISeries.sol";
import {OptionType, SettlementKind, Terms} from "../interfaces/Types.sol";
import {LONGS, POOL, SERIES} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {OddToken} from "./Tokens.sol";
import {vm} from "./Vm.sol";

contract PoolTest is Suite {
    function test_writeLocksCollateralAndMints() public {
        uint256 id = _inverseCall(90_000e18);
        uint256 before = BTC.balanceOf(alice);
        vm.prank(alice);
        uint256 collateral = POOL.write(id, 2 * ONE, alice, bob);
        assertEq(collateral, 2e8, "one coin a contract");
        assertEq(before - BTC.balanceOf(alice), 2e8, "taken from the writer");
        assertEq(POOL.locked(id), 2e8, "locked");
        assertEq(POOL.shortOf(id, alice), 2 * ONE, "short");
        assertEq(LONGS.balanceOf(bob, id), 2 * ONE, "long");
    }

    function test_collateralOfEachKind() public {
        assertEq(_write(alice, _linearPut(80_000e18), ONE), 80_000e6, "linear put: strike in quote");
        assertEq(_write(alice, _linearCall(80_000e18, 95_000e18), ONE), 15_000e6, "linear call: cap less strike");
        assertEq(_write(alice, _inversePut(80_000e18, 20_000e18), ONE), 3e8, "inverse put: worst at the floor");
    }

    function testFuzz_collateralDependsOnlyOnTheWholeShort(uint256 first, uint256 second, uint256 back) public {
        uint256 id = _linearPut(80_000.123456789e18);
        first = bound(first, 1, 1e24);
        second = bound(second, 1, 1e24);
        back = bound(back, 1, first + second);
        _write(alice, id, first);
        _write(alice, id, second);
        assertEq(POOL.locked(id), SERIES.collateral(id, first + second), "written in two parts");
        vm.prank(alice);
        POOL.close(id, back);
        assertEq(POOL.locked(id), SERIES.collateral(id, first + second - back), "after closing");
        assertEq(USD.balanceOf(address(POOL)), POOL.locked(id), "held");
    }

    function test_closeNeedsBothSides() public {
        uint256 id = _inverseCall(90_000e18);
        _write(alice, id, ONE);
        vm.prank(alice);
        LONGS.transfer(bob, id, ONE);
        vm.expectRevert(ERC6909.InsufficientBalance.selector);
        vm.prank(alice);
        POOL.close(id, ONE);
        vm.expectRevert(abi.encodeWithSelector(IPool.InsufficientShort.selector, 0, ONE));
        vm.prank(bob);
        POOL.close(id, ONE);
        vm.prank(bob);
        LONGS.transfer(alice, id, ONE);
        vm.prank(alice);
        assertEq(POOL.close(id, ONE), 1e8, "freed");
        assertEq(POOL.locked(id), 0, "nothing left");
        assertEq(SERIES.totalSupply(id), 0, "no supply");
    }

    function test_operatorsWriteForOthers() public {
        uint256 id = _inverseCall(90_000e18);
        vm.expectRevert(IPool.NotOperator.selector);
        vm.prank(carol);
        POOL.write(id, ONE, alice, carol);
        vm.prank(alice);
        POOL.setOperator(carol, true);
        vm.prank(carol);
        POOL.write(id, ONE, alice, carol);
        assertEq(POOL.shortOf(id, alice), ONE, "short of the writer");
        vm.prank(alice);
        POOL.setOperator(carol, false);
        vm.expectRevert(IPool.NotOperator.selector);
        vm.prank(carol);
        POOL.write(id, ONE, alice, carol);
    }

    function test_refusesBadWrites() public {
        uint256 id = _inverseCall(90_000e18);
        vm.expectRevert(IPool.ZeroQuantity.selector);
        _write(alice, id, 0);
        vm.warp(EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(IPool.Expired.selector, id));
        _write(alice, id, ONE);
        vm.expectRevert(abi.encodeWithSelector(IPool.Expired.selector, id));
        vm.prank(alice);
        POOL.close(id, ONE);
        vm.expectRevert(IPool.OnlySettlement.selector);
        POOL.discharge(id, alice, 1);
    }

    function _oddSeries() private returns (OddToken token, uint256 id) {
        token = new OddToken();
        Terms memory terms = _terms(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0);
        (terms.underlying, terms.settlement) = (address(token), address(token));
        id = SERIES.create(terms);
        token.mint(alice, WEALTH);
        vm.prank(alice);
        token.approve(address(POOL), type(uint256).max);
    }

    function test_refusesAssetsThatBringLess() public {
        (OddToken token, uint256 id) = _oddSeries();
        token.setFee(100);
        vm.expectRevert(abi.encodeWithSelector(IPool.InexactTransfer.selector, 1e8, 0.99e8));
        _write(alice, id, ONE);
    }

    function test_refusesAssetsThatTakeMore() public {
        (OddToken token, uint256 id) = _oddSeries();
        _write(alice, id, 2 * ONE);
        token.setSurcharge(100);
        vm.expectRevert(abi.encodeWithSelector(IPool.InexactTransfer.selector, 1e8, 1.01e8));
        vm.prank(alice);
        POOL.close(id, ONE);
    }

    function test_refusesReentrance() public {
        (OddToken token, uint256 id) = _oddSeries();
        token.setReenterWith(id);
        _write(alice, id, ONE);
        bytes memory reason = abi.encodeWithSelector(ReentrancyGuardTransient.Reentrancy.selector);
        assertTrue(keccak256(token.refusal()) == keccak256(reason), "refused for reentrance");
        assertEq(SERIES.totalSupply(id), ONE, "only the outer write counts");
    }

    function test_refusesAssetsWithOddDecimals() public {
        OddToken token = new OddToken();
        Terms memory terms = _terms(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0);
        (terms.underlying, terms.settlement) = (address(token), address(token));
        for (uint8 decimals = 0; decimals < 20; decimals += 19) {
            token.setDecimals(decimals);
            vm.expectRevert(abi.encodeWithSelector(ISeries.InvalidTerms.selector, "settlement"));
            SERIES.create(terms);
        }
        token.setDecimals(18);
        assertEq(SERIES.settlementDecimals(SERIES.create(terms)), 18, "decimals");
    }

    function test_creditsWhatTheAssetRefuses() public {
        (OddToken token, uint256 id) = _oddSeries();
        _write(alice, id, ONE);
        vm.prank(alice);
        LONGS.transfer(bob, id, ONE);
        _expireAt(EXPIRY, 120_000e18);
        token.setRefuses(bob, true);
        assertEq(_settle(id, bob), 0.25e8, "paid although refused");
        assertEq(POOL.credits(address(token), bob), 0.25e8, "as credit");
        token.setAnswersFalse(true);
        assertEq(_settle(id, alice), 0.75e8, "paid although the asset answers false");
        assertEq(POOL.credits(address(token), alice), 0.75e8, "as credit");
        assertEq(POOL.locked(id), 0, "nothing locked");
        vm.expectRevert(IPool.TransferFailed.selector);
        vm.prank(bob);
        POOL.withdraw(address(token), bob);
        token.setAnswersFalse(false);
        vm.prank(bob);
        POOL.withdraw(address(token), carol);
        assertEq(token.balanceOf(carol), 0.25e8, "to another account");
        vm.prank(bob);
        assertEq(POOL.withdraw(address(token), carol), 0, "once");
    }
}
