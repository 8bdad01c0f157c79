// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC6909} from "solady/tokens/ERC6909.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {IExchange} from "../interfaces/IExchange.sol";
import {IOperatorPermit} from "../interfaces/IOperatorPermit.sol";
import {Leg, Order} from "../interfaces/Types.sol";
import {EXCHANGE, LONGS, POOL, SERIES} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {vm} from "./Vm.sol";

/// @dev A contract account: signatures of its owner's key are its own (EIP-1271).
contract ContractAccount {
    address private immutable _OWNER;

    constructor(address owner) {
        _OWNER = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        bytes32 r = bytes32(signature[:32]);
        bytes32 s = bytes32(signature[32:64]);
        return ecrecover(digest, uint8(signature[64]), r, s) == _OWNER ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

contract ExchangeTest is Suite {
    uint256 private call;
    uint256 private put;

    function setUp() public override {
        super.setUp();
        call = _inverseCall(90_000e18);
        put = _linearPut(70_000e18);
    }

    function _expectRefused(address taker, Order memory order, uint128 quantity, bytes memory reason) private {
        bytes memory signature = _signOrder(order, ALICE_KEY);
        vm.expectRevert(reason);
        vm.prank(taker);
        EXCHANGE.fill(order, signature, quantity, true);
    }

    function _invalid(string memory field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IExchange.InvalidOrder.selector, field);
    }

    function test_makerSellsByWriting() public {
        (uint256 aliceBefore, uint256 bobBefore) = (BTC.balanceOf(alice), BTC.balanceOf(bob));
        (uint256 premium, uint256 fee) = _fill(bob, _order(call, false), uint128(ONE));
        assertEq(premium, 0.05e8, "premium");
        assertEq(fee, 0.00015e8, "30 basis points of it");
        assertEq(LONGS.balanceOf(bob, call), ONE, "long");
        assertEq(POOL.shortOf(call, alice), ONE, "short");
        assertEq(aliceBefore - BTC.balanceOf(alice), 1e8 - 0.05e8, "collateral less premium");
        assertEq(bobBefore - BTC.balanceOf(bob), premium + fee, "premium and fee");
        assertEq(BTC.balanceOf(vault), fee, "vault");
        assertEq(BTC.balanceOf(address(EXCHANGE)), 0, "no custody");
    }

    function test_makerBuysAndTakerWrites() public {
        (uint256 aliceBefore, uint256 bobBefore) = (BTC.balanceOf(alice), BTC.balanceOf(bob));
        (uint256 premium, uint256 fee) = _fill(bob, _order(call, true), uint128(ONE));
        assertEq(LONGS.balanceOf(alice, call), ONE, "long");
        assertEq(POOL.shortOf(call, bob), ONE, "short");
        assertEq(aliceBefore - BTC.balanceOf(alice), premium, "maker pays its price and no more");
        assertEq(bobBefore - BTC.balanceOf(bob), 1e8 - premium + fee, "taker bears the fee");
    }

    function test_heldContractsGoBeforeWrittenOnes() public {
        _write(alice, call, ONE / 4);
        _fill(bob, _order(call, false), uint128(ONE));
        assertEq(LONGS.balanceOf(alice, call), 0, "held ones sold");
        assertEq(POOL.shortOf(call, alice), ONE, "the rest written");
        assertEq(LONGS.balanceOf(bob, call), ONE, "all delivered");
    }

    function test_withoutConsentNothingIsWritten() public {
        Order memory order = _order(call, false);
        order.write = false;
        bytes memory signature = _signOrder(order, ALICE_KEY);
        vm.expectRevert(ERC6909.InsufficientBalance.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), true);
        order = _order(call, true);
        signature = _signOrder(order, ALICE_KEY);
        vm.expectRevert(ERC6909.InsufficientBalance.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), false);
    }

    function test_partialFillsUpToTheQuantity() public {
        Order memory order = _order(call, false);
        _fill(bob, order, 0.4e18);
        _fill(carol, order, 0.5e18);
        assertEq(EXCHANGE.filled(alice, 1), 0.9e18, "filled");
        _expectRefused(bob, order, 0.2e18, abi.encodeWithSelector(IExchange.Overfilled.selector, 0.1e18));
        _fill(bob, order, 0.1e18);
        _expectRefused(bob, order, 1, abi.encodeWithSelector(IExchange.Overfilled.selector, 0));
    }

    function test_minimumFill() public {
        Order memory order = _order(call, false);
        order.minFill = 0.6e18;
        _expectRefused(bob, order, 0.5e18, abi.encodeWithSelector(IExchange.FillTooSmall.selector, 0.6e18));
        _expectRefused(bob, order, 0, abi.encodeWithSelector(IExchange.FillTooSmall.selector, 0.6e18));
        _fill(bob, order, 0.7e18);
        _expectRefused(bob, order, 0.2e18, abi.encodeWithSelector(IExchange.FillTooSmall.selector, 0.3e18));
        _fill(bob, order, 0.3e18);
    }

    function test_ordersUnderOneNonceShareTheirFills() public {
        Order memory order = _order(call, false);
        _fill(bob, order, 0.6e18);
        order.price = 0.04e8;
        _expectRefused(bob, order, 0.5e18, abi.encodeWithSelector(IExchange.Overfilled.selector, 0.4e18));
        _fill(bob, order, 0.4e18);
        assertEq(LONGS.balanceOf(bob, call), ONE, "one contract in all");
    }

    function test_cancelByNonce() public {
        uint256[] memory nonces = new uint256[](2);
        (nonces[0], nonces[1]) = (1, 2);
        vm.prank(alice);
        EXCHANGE.cancel(nonces);
        Order memory order = _order(call, false);
        _expectRefused(bob, order, uint128(ONE), abi.encodeWithSelector(IExchange.NonceUsed.selector));
        order.nonce = 3;
        _fill(bob, order, uint128(ONE));
    }

    function test_cancelByEpoch() public {
        vm.prank(alice);
        assertEq(EXCHANGE.advanceEpoch(), 1, "epoch");
        Order memory order = _order(call, false);
        _expectRefused(bob, order, uint128(ONE), abi.encodeWithSelector(IExchange.WrongEpoch.selector, 1));
        order.epoch = 1;
        _fill(bob, order, uint128(ONE));
    }

    function test_refusesForgedAndChangedOrders() public {
        Order memory order = _order(call, false);
        bytes memory signature = _signOrder(order, BOB_KEY);
        vm.expectRevert(IExchange.InvalidSignature.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), true);
        signature = _signOrder(order, ALICE_KEY);
        order.price = 1;
        vm.expectRevert(IExchange.InvalidSignature.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), true);
        order.maker = address(0);
        vm.expectRevert(IExchange.InvalidSignature.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, hex"", uint128(ONE), true);
        order = _order(call, false);
        vm.chainId(999);
        vm.expectRevert(IExchange.InvalidSignature.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), true);
    }

    function test_refusesOrdersThatBreakARule() public {
        Order memory order = _order(call, false);
        order.taker = carol;
        _expectRefused(bob, order, uint128(ONE), abi.encodeWithSelector(IExchange.NotTaker.selector));
        order = _order(call, false);
        order.deadline = uint64(START - 1);
        _expectRefused(bob, order, uint128(ONE), abi.encodeWithSelector(IExchange.OrderExpired.selector));
        order = _order(call, false);
        order.feeBps = 1001;
        _expectRefused(bob, order, uint128(ONE), _invalid("feeBps"));
        order = _order(call, false);
        order.legs[0].ratio = 0;
        _expectRefused(bob, order, uint128(ONE), _invalid("ratio"));
        order.legs = new Leg[](0);
        _expectRefused(bob, order, uint128(ONE), _invalid("legs"));
        order.legs = new Leg[](9);
        _expectRefused(bob, order, uint128(ONE), _invalid("legs"));
        order.legs = new Leg[](2);
        (order.legs[0], order.legs[1]) = (Leg(call, true, 1), Leg(call, false, 1));
        _expectRefused(bob, order, uint128(ONE), _invalid("legs"));
    }

    /// @dev An order left open must not be a free option once the payoff is known.
    function test_refusesExpiredSeries() public {
        vm.warp(EXPIRY);
        Order memory order = _order(call, false);
        bytes memory reason = abi.encodeWithSelector(IExchange.SeriesExpired.selector, call);
        _expectRefused(bob, order, uint128(ONE), reason);
    }

    function _strangle() private view returns (Order memory order) {
        order = _order(call, false);
        order.legs = new Leg[](2);
        (uint256 low, uint256 high) = call < put ? (call, put) : (put, call);
        (order.legs[0], order.legs[1]) = (Leg(low, false, 1), Leg(high, false, 2));
    }

    function test_multiLegTradesAllLegs() public {
        Order memory order = _strangle();
        _fill(bob, order, 0.5e18);
        assertEq(LONGS.balanceOf(bob, order.legs[0].series), 0.5e18, "first leg");
        assertEq(LONGS.balanceOf(bob, order.legs[1].series), ONE, "second leg, twice");
    }

    function test_multiLegTradesNothingIfOneLegFails() public {
        Order memory order = _strangle();
        vm.prank(alice);
        USD.approve(address(POOL), 0);
        bytes memory signature = _signOrder(order, ALICE_KEY);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, 0.5e18, true);
        assertEq(LONGS.balanceOf(bob, call) + LONGS.balanceOf(bob, put), 0, "no leg");
        assertEq(EXCHANGE.filled(alice, 1), 0, "not filled");
    }

    function test_contractAccountsSign() public {
        ContractAccount account = new ContractAccount(alice);
        _enrich(address(account));
        Order memory order = _order(call, false);
        order.maker = address(account);
        _fill(bob, order, uint128(ONE));
        assertEq(POOL.shortOf(call, address(account)), ONE, "short");
        bytes memory signature = _signOrder(order, BOB_KEY);
        order.nonce = 2;
        vm.expectRevert(IExchange.InvalidSignature.selector);
        vm.prank(bob);
        EXCHANGE.fill(order, signature, uint128(ONE), true);
    }

    /// @dev EIP-7702: an account that delegates its code goes on signing with its key.
    function test_delegatedAccountsSign() public {
        vm.etch(alice, abi.encodePacked(hex"ef0100", address(POOL)));
        _fill(bob, _order(call, false), uint128(ONE));
        assertEq(POOL.shortOf(call, alice), ONE, "short");
    }

    function test_roundsForTheMaker() public {
        Order memory order = _order(call, false);
        order.price = 1;
        (uint256 premium, uint256 fee) = _fill(bob, order, 1);
        assertEq(premium, 1, "maker receives at least its price");
        assertEq(fee, 1, "fee up");
        order = _order(call, true);
        (order.price, order.nonce) = (1, 2);
        (premium, fee) = _fill(bob, order, 1);
        assertEq(premium, 0, "maker pays at most its price");
        assertEq(fee, 0, "no fee on nothing");
    }

    function testFuzz_premiumAndFee(uint128 price, uint128 quantity, uint16 feeBps, bool buy) public {
        Order memory order = _order(call, buy);
        order.price = uint128(bound(price, 0, 1e24));
        order.quantity = uint128(bound(quantity, 1, 1e22));
        order.feeBps = uint16(bound(feeBps, 0, 1000));
        (uint256 premium, uint256 fee) = _fill(bob, order, order.quantity);
        uint256 exact = uint256(order.price) * order.quantity;
        if (buy) assertLe(premium * 1e18, exact, "pays at most");
        else assertLe(exact, premium * 1e18, "receives at least");
        assertLe(fee, premium, "fee");
        assertEq(fee, (premium * order.feeBps + 9999) / 10_000, "basis points, up");
    }

    function _permitDigest(address spender, uint256 value, uint256 nonce) private view returns (bytes32) {
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                alice,
                spender,
                value,
                nonce,
                START
            )
        );
        return keccak256(abi.encodePacked(hex"1901", BTC.DOMAIN_SEPARATOR(), permit));
    }

    function _operatorSignature(address target) private view returns (bytes memory) {
        bytes32 permit = keccak256(
            abi.encode(
                keccak256(
                    "OperatorPermit(address owner,address operator,bool approved,uint256 nonce,uint256 deadline)"
                ),
                alice,
                address(EXCHANGE),
                true,
                0,
                START
            )
        );
        bytes32 domain = IOperatorPermit(target).domainSeparator();
        return _sign(ALICE_KEY, keccak256(abi.encodePacked(hex"1901", domain, permit)));
    }

    /// @dev A maker that never sent a transaction: permits and order are only signed.
    function test_permitsAndFillInOneCall() public {
        vm.startPrank(alice);
        BTC.approve(address(POOL), 0);
        LONGS.setOperator(address(EXCHANGE), false);
        POOL.setOperator(address(EXCHANGE), false);
        vm.stopPrank();
        Order memory order = _order(call, false);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ALICE_KEY, _permitDigest(address(POOL), 1e8, 0));
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(IExchange.permit, (address(BTC), alice, address(POOL), 1e8, START, v, r, s));
        calls[1] = abi.encodeCall(
            IExchange.permitOperator, (address(POOL), alice, 0, START, _operatorSignature(address(POOL)))
        );
        calls[2] = abi.encodeCall(
            IExchange.permitOperator, (address(SERIES), alice, 0, START, _operatorSignature(address(SERIES)))
        );
        calls[3] = abi.encodeCall(IExchange.fill, (order, _signOrder(order, ALICE_KEY), uint128(ONE), true));
        // Somebody else may use the permit first: no harm.
        BTC.permit(alice, address(POOL), 1e8, START, v, r, s);
        vm.prank(bob);
        EXCHANGE.multicall(calls);
        assertEq(LONGS.balanceOf(bob, call), ONE, "traded");
        vm.expectRevert(IExchange.PermitFailed.selector);
        EXCHANGE.permit(address(BTC), alice, address(POOL), 1e8, START, v, r, s);
        vm.expectRevert(IExchange.PermitFailed.selector);
        EXCHANGE.permitOperator(address(BTC), alice, 0, START, "");
    }
}
