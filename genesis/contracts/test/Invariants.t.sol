// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IExchange} from "../interfaces/IExchange.sol";
import {Leg, OptionType, Order, SettlementKind, Terms} from "../interfaces/Types.sol";
import {EXCHANGE, LONGS, ORACLE, POOL, SERIES, SETTLEMENT} from "../libraries/Predeploys.sol";
import {Suite} from "./Suite.sol";
import {Test, vm} from "./Vm.sol";

/// @dev Does what a market does, in any order: twelve series of every kind in three expiries, three traders.
contract Market is Suite {
    uint256 private constant EXPIRIES = 3;

    uint256[] public series;
    uint256 public now_;
    uint256 public expired;
    uint256 public nonce;
    mapping(uint256 id => uint256) public lockedAtExpiry;
    mapping(uint256 id => uint256) public paid;
    mapping(uint256 nonce => uint256) public ordered;
    mapping(uint256 nonce => uint256) public bought;

    function setUp() public override {
        super.setUp();
        now_ = START;
        for (uint256 i; i < EXPIRIES; ++i) {
            _create(OptionType.CALL, SettlementKind.INVERSE, 90_000e18, 0, i);
            _create(OptionType.PUT, SettlementKind.LINEAR, 70_000.123456789e18, 0, i);
            _create(OptionType.PUT, SettlementKind.INVERSE, 80_000e18, 9_000e18, i);
            _create(OptionType.CALL, SettlementKind.LINEAR, 50_000e18, 99_999.7e18, i);
        }
    }

    function _create(OptionType optionType, SettlementKind kind, uint128 strike, uint128 limit, uint256 index) private {
        Terms memory terms = _terms(optionType, kind, strike, limit);
        terms.expiry = expiryAt(index);
        series.push(SERIES.create(terms));
    }

    function expiryAt(uint256 index) public pure returns (uint64) {
        return EXPIRY + uint64(index) * 1 weeks;
    }

    function trader(uint256 seed) public view returns (address) {
        return [alice, bob, carol][seed % 3];
    }

    /// @dev A series that hasn't expired; the last one's index if all have.
    function _alive(uint256 seed) private view returns (uint256 id, bool alive) {
        if (expired == EXPIRIES) return (series[seed % series.length], false);
        uint256 first = expired * 4;
        return (series[first + seed % (series.length - first)], true);
    }

    function write(uint256 who, uint256 which, uint256 quantity) external {
        vm.warp(now_);
        (uint256 id, bool alive) = _alive(which);
        if (!alive) return;
        quantity = bound(quantity, 1, 1e22);
        vm.prank(trader(who));
        POOL.write(id, quantity, trader(who), trader(who / 3));
    }

    function close(uint256 who, uint256 which, uint256 quantity) external {
        vm.warp(now_);
        (uint256 id, bool alive) = _alive(which);
        address account = trader(who);
        (uint256 long, uint256 short) = (LONGS.balanceOf(account, id), POOL.shortOf(id, account));
        uint256 most = long < short ? long : short;
        if (!alive || most == 0) return;
        vm.prank(account);
        POOL.close(id, bound(quantity, 1, most));
    }

    function transfer(uint256 from, uint256 to, uint256 which, uint256 quantity) external {
        vm.warp(now_);
        uint256 id = series[which % series.length];
        quantity = bound(quantity, 0, LONGS.balanceOf(trader(from), id));
        vm.prank(trader(from));
        LONGS.transfer(trader(to), id, quantity);
    }

    function fill(uint256 taker, uint256 which, uint256 parts, uint256 quantity, uint256 price, bool buy) external {
        vm.warp(now_);
        (uint256 id, bool alive) = _alive(which);
        Order memory order = _order(id, buy);
        order.nonce = ++nonce;
        order.quantity = uint128(bound(quantity, 1, 1e21));
        order.price = uint128(bound(price, 0, 1e8));
        ordered[nonce] = order.quantity;
        bytes memory signature = _signOrder(order, ALICE_KEY);
        if (!alive) return _expectNoFreeOption(order, signature, taker);
        uint256 part = (order.quantity + parts % 4) / (1 + parts % 4);
        for (uint256 i; i < 6; ++i) {
            vm.prank(trader(taker));
            try EXCHANGE.fill(order, signature, uint128(part), true) returns (uint256 premium, uint256) {
                bought[nonce] += part;
                _checkLimit(order, part, premium);
            } catch (bytes memory reason) {
                uint256 remaining = order.quantity - bought[nonce];
                bytes memory overfilled = abi.encodeWithSelector(IExchange.Overfilled.selector, remaining);
                assertTrue(keccak256(reason) == keccak256(overfilled), "only an overfill is refused");
                assertTrue(part > remaining, "refused too soon");
            }
        }
    }

    function _checkLimit(Order memory order, uint256 part, uint256 premium) private pure {
        uint256 exact = uint256(order.price) * part;
        if (order.pays) assertLe(premium * 1e18, exact, "maker pays at most its limit");
        else assertLe(exact, premium * 1e18, "maker receives at least its limit");
    }

    /// @dev Once a payoff is known, no order on it can be filled.
    function _expectNoFreeOption(Order memory order, bytes memory signature, uint256 taker) private {
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesExpired.selector, order.legs[0].series));
        vm.prank(trader(taker));
        EXCHANGE.fill(order, signature, 1, true);
    }

    function expire(uint128 price, uint256 chance) external {
        if (expired == EXPIRIES || chance % 4 != 0) return;
        _expireAt(expiryAt(expired), uint128(bound(price, 1e18, 1_000_000e18)));
        now_ = block.timestamp;
        for (uint256 i = expired * 4; i < expired * 4 + 4; ++i) {
            lockedAtExpiry[series[i]] = POOL.locked(series[i]);
        }
        ++expired;
    }

    function settle(uint256 who, uint256 which) external {
        vm.warp(now_);
        if (expired == 0) return;
        uint256 id = series[which % (expired * 4)];
        paid[id] += _settle(id, trader(who));
        assertEq(_settle(id, trader(who)), 0, "settled twice");
    }
}

contract InvariantsTest is Test {
    Market private market;
    address private constant BTC = 0x5346000000000000000000000000000000000100;
    address private constant USD = 0x5346000000000000000000000000000000000102;

    function setUp() public {
        market = new Market();
        market.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(market);
    }

    function excludeSelectors() public view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].addr = address(market);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = Market.setUp.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function _positions(uint256 id) private view returns (uint256 longs, uint256 shorts, uint256 collateral) {
        for (uint256 who; who < 3; ++who) {
            uint256 short = POOL.shortOf(id, market.trader(who));
            longs += LONGS.balanceOf(market.trader(who), id);
            shorts += short;
            collateral += SERIES.collateral(id, short);
        }
    }

    /// @dev What all holders and writers of a series are due at a price.
    function _due(uint256 id, uint256 price) private view returns (uint256 due) {
        for (uint256 who; who < 3; ++who) {
            address account = market.trader(who);
            uint256 short = POOL.shortOf(id, account);
            due += SERIES.payoff(id, LONGS.balanceOf(account, id), price);
            due += SERIES.collateral(id, short) - SERIES.payoff(id, short, price);
        }
    }

    /// Per series: locked >= worst payoff, whatever the price; and all that is due once it is fixed.
    function invariant_solvency() public view {
        uint80[6] memory prices = [uint80(1), 8_999e18, 70_000e18, 90_000e18, 99_999.7e18, 4_000e18];
        for (uint256 i; i < 12; ++i) {
            uint256 id = market.series(i);
            (uint256 longs,,) = _positions(id);
            uint256 locked = POOL.locked(id);
            uint256 fixed_ = SETTLEMENT.priceOf(id);
            if (fixed_ != 0) {
                // A writer's share is rounded down by at most one unit, which _due doesn't do.
                assertLe(_due(id, fixed_), locked + 3, "due");
                assertLe(SERIES.payoff(id, longs, fixed_), locked, "holders");
                continue;
            }
            for (uint256 j; j < 6; ++j) {
                assertLe(SERIES.payoff(id, longs, prices[j]), locked, "holders at any price");
            }
            assertLe(SERIES.payoff(id, longs, type(uint128).max), locked, "holders at the highest price");
        }
    }

    /// Longs are minted with shorts, supply is their sum, and collateral follows the shorts exactly.
    function invariant_conservation() public view {
        for (uint256 i; i < 12; ++i) {
            uint256 id = market.series(i);
            (uint256 longs, uint256 shorts, uint256 collateral) = _positions(id);
            assertEq(SERIES.totalSupply(id), longs, "supply");
            if (i < 4 * market.expired()) {
                assertEq(market.lockedAtExpiry(id), market.paid(id) + POOL.locked(id), "sum paid <= locked");
                continue;
            }
            assertEq(longs, shorts, "a short for each long");
            assertEq(POOL.locked(id), collateral, "collateral");
        }
    }

    /// The Pool holds exactly what its series have locked; the Exchange holds nothing.
    function invariant_custody() public view {
        // Series alternate between the two settlement assets.
        uint256[2] memory locked;
        for (uint256 i; i < 12; ++i) {
            locked[i % 2] += POOL.locked(market.series(i));
        }
        assertEq(_balance(BTC, address(POOL)), locked[0], "BTC");
        assertEq(_balance(USD, address(POOL)), locked[1], "USD");
        assertEq(_balance(BTC, address(EXCHANGE)) + _balance(USD, address(EXCHANGE)), 0, "no custody");
    }

    /// No order is filled past its quantity.
    function invariant_orderNeverOverfilled() public view {
        uint256 count = market.nonce();
        for (uint256 nonce = 1; nonce <= count; ++nonce) {
            assertLe(market.bought(nonce), market.ordered(nonce), "overfilled");
        }
    }

    function _balance(address token, address account) private view returns (uint256) {
        (, bytes memory answer) = token.staticcall(abi.encodeWithSignature("balanceOf(address)", account));
        return abi.decode(answer, (uint256));
    }
}
