// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC6909} from "solady/tokens/ERC6909.sol";

import {IOperatorPermit} from "../interfaces/IOperatorPermit.sol";
import {ISeries} from "../interfaces/ISeries.sol";
import {OptionType, SettlementKind, Terms} from "../interfaces/Types.sol";
import {OperatorPermit} from "../libraries/OperatorPermit.sol";
import {LONGS, POOL, SERIES} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {vm} from "./Vm.sol";

contract SeriesTest is Suite {
    function _valid() private view returns (Terms memory) {
        return _terms(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0);
    }

    function _expectInvalid(Terms memory terms, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(ISeries.InvalidTerms.selector, field));
        SERIES.create(terms);
    }

    function test_idIsTheHashOfTheTerms() public {
        Terms memory terms = _valid();
        uint256 id = SERIES.create(terms);
        assertEq(id, uint256(keccak256(abi.encode(terms))), "id");
        assertEq(uint256(keccak256(abi.encode(SERIES.termsOf(id)))), id, "terms read back");
        assertEq(SERIES.expiryOf(id), EXPIRY, "expiry");
        assertEq(SERIES.settlementDecimals(id), 8, "decimals of BTC");
        (bytes32 feed_, uint64 expiry) = SERIES.feedOf(id);
        assertTrue(feed_ == feed && expiry == EXPIRY, "feed and expiry");
        assertEq(SERIES.create(terms), id, "creating again changes nothing");
    }

    function testFuzz_termsReadBack(uint128 strike, uint128 limit, uint64 expiry, bool put, bool linear) public {
        Terms memory terms = _valid();
        terms.strike = uint128(bound(strike, 2, type(uint128).max - 1));
        terms.expiry = uint64(bound(expiry, START + 1, type(uint64).max));
        terms.optionType = put ? OptionType.PUT : OptionType.CALL;
        terms.kind = linear ? SettlementKind.LINEAR : SettlementKind.INVERSE;
        terms.settlement = linear ? address(USD) : address(BTC);
        terms.bound =
            uint128(put ? bound(limit, 1, terms.strike - 1) : bound(limit, terms.strike + 1, type(uint128).max));
        uint256 id = SERIES.create(terms);
        assertEq(uint256(keccak256(abi.encode(SERIES.termsOf(id)))), id, "terms read back");
    }

    function test_refusesTermsThatBreakARule() public {
        Terms memory terms = _valid();
        terms.underlying = address(0);
        _expectInvalid(terms, "underlying");
        terms = _valid();
        terms.quote = terms.underlying;
        _expectInvalid(terms, "quote");
        terms = _valid();
        terms.quote = address(0);
        _expectInvalid(terms, "quote");
        terms = _valid();
        terms.settlement = address(USD);
        _expectInvalid(terms, "settlement");
        terms = _valid();
        (terms.underlying, terms.settlement) = (address(0xdead), address(0xdead));
        _expectInvalid(terms, "settlement");
        terms = _valid();
        terms.expiry = uint64(START);
        _expectInvalid(terms, "expiry");
        terms = _valid();
        terms.strike = 0;
        _expectInvalid(terms, "strike");
        terms = _valid();
        terms.feed = bytes32(uint256(1));
        _expectInvalid(terms, "feed");
    }

    function test_refusesWhatCannotBeCollateralised() public {
        _expectInvalid(_terms(OptionType.CALL, SettlementKind.LINEAR, 90_000e18, 0), "bound");
        _expectInvalid(_terms(OptionType.PUT, SettlementKind.INVERSE, 90_000e18, 0), "bound");
        _expectInvalid(_terms(OptionType.CALL, SettlementKind.LINEAR, 90_000e18, 90_000e18), "bound");
        _expectInvalid(_terms(OptionType.PUT, SettlementKind.INVERSE, 90_000e18, 90_000e18), "bound");
        _expectInvalid(_terms(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 80_000e18), "bound");
        _expectInvalid(_terms(OptionType.PUT, SettlementKind.LINEAR, 90_000e18, 100_000e18), "bound");
    }

    function test_unknownSeriesHaveNoTerms() public {
        vm.expectRevert(abi.encodeWithSelector(ISeries.UnknownSeries.selector, 7));
        SERIES.termsOf(7);
        vm.expectRevert(abi.encodeWithSelector(ISeries.UnknownSeries.selector, 7));
        SERIES.marginOf(7);
        assertTrue(!SERIES.exists(7), "exists");
    }

    function test_onlyThePoolMintsAndBurns() public {
        uint256 id = _inverseCall(90_000e18);
        vm.expectRevert(ISeries.OnlyPool.selector);
        SERIES.mint(alice, id, 1);
        vm.expectRevert(ISeries.OnlyPool.selector);
        SERIES.burn(alice, id, 1);
    }

    function test_longsAreTransferableTokens() public {
        uint256 id = _inverseCall(90_000e18);
        _write(alice, id, 3 * ONE);
        vm.prank(alice);
        LONGS.transfer(bob, id, ONE);
        vm.prank(alice);
        LONGS.approve(carol, id, ONE);
        vm.prank(carol);
        LONGS.transferFrom(alice, carol, id, ONE);
        assertEq(LONGS.balanceOf(alice, id), ONE, "alice");
        assertEq(LONGS.balanceOf(bob, id), ONE, "bob");
        assertEq(LONGS.balanceOf(carol, id), ONE, "carol");
        assertEq(SERIES.totalSupply(id), 3 * ONE, "supply");
        vm.expectRevert(ERC6909.InsufficientPermission.selector);
        vm.prank(carol);
        LONGS.transferFrom(alice, carol, id, 1);
    }

    function test_symbolsAreTheMarkets() public {
        assertEq(LONGS.symbol(_inverseCall(90_000e18)), "BTC-27NOV26-90000-C");
        assertEq(LONGS.symbol(_linearPut(0.55e18)), "BTC_USD-27NOV26-0.55-P");
        assertEq(LONGS.symbol(_inversePut(90_000e18, 30_000e18)), "BTC-27NOV26-90000-P>30000");
        assertEq(LONGS.name(_linearCall(90_000e18, 100_000.05e18)), "BTC_USD-27NOV26-90000-C<100000.05");
        assertEq(LONGS.decimals(0), 18, "decimals");
    }

    function test_operatorPermit() public {
        IOperatorPermit[2] memory targets = [IOperatorPermit(address(SERIES)), IOperatorPermit(address(POOL))];
        for (uint256 i; i < 2; ++i) {
            IOperatorPermit target = targets[i];
            bytes32 permit = keccak256(
                abi.encode(
                    keccak256(
                        "OperatorPermit(address owner,address operator,bool approved,uint256 nonce,uint256 deadline)"
                    ),
                    alice,
                    carol,
                    true,
                    0,
                    START
                )
            );
            bytes memory signature =
                _sign(ALICE_KEY, keccak256(abi.encodePacked(hex"1901", target.domainSeparator(), permit)));
            vm.expectRevert(OperatorPermit.InvalidPermit.selector);
            target.permitOperator(alice, bob, true, 0, START, signature);
            target.permitOperator(alice, carol, true, 0, START, signature);
            assertTrue(target.isOperator(alice, carol), "operator");
            assertEq(target.operatorNonce(alice), 1, "nonce");
            vm.expectRevert(OperatorPermit.InvalidPermit.selector);
            target.permitOperator(alice, carol, true, 0, START, signature);
            vm.warp(START + 1);
            vm.expectRevert(OperatorPermit.PermitExpired.selector);
            target.permitOperator(alice, carol, true, 1, START, signature);
            vm.warp(START);
        }
    }
}
