// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDevnetToken} from "../interfaces/IDevnetToken.sol";
import {
    FeedConfig,
    Leg,
    OptionType,
    Order,
    Position,
    Report,
    SettlementKind,
    Source,
    Terms
} from "../interfaces/Types.sol";
import {DevnetBTC, DevnetUSD} from "../l2/DevnetToken.sol";
import {Exchange} from "../l2/Exchange.sol";
import {Oracle} from "../l2/Oracle.sol";
import {Pool} from "../l2/Pool.sol";
import {Series} from "../l2/Series.sol";
import {Settlement} from "../l2/Settlement.sol";
import {EXCHANGE, LONGS, ORACLE, POOL, SERIES, SETTLEMENT} from "../libraries/Predeploys.sol";
import {Test, vm} from "./Vm.sol";

/// @dev The suite at its genesis addresses, a feed of three sources, and traders with assets and approvals.
abstract contract Suite is Test {
    IDevnetToken internal constant BTC = IDevnetToken(0x5346000000000000000000000000000000000100);
    IDevnetToken internal constant USD = IDevnetToken(0x5346000000000000000000000000000000000102);

    uint256 internal constant START = 1_780_000_000;
    uint64 internal constant EXPIRY = 1_795_766_400; // 27 November 2026, 08:00 UTC
    uint256 internal constant ONE = 1e18;
    uint256 internal constant WEALTH = 1e30;

    uint256 internal constant ALICE_KEY = 0xA11CE;
    uint256 internal constant BOB_KEY = 0xB0B;
    uint256 internal constant CAROL_KEY = 0xCA401;
    address internal alice = vm.addr(ALICE_KEY);
    address internal bob = vm.addr(BOB_KEY);
    address internal carol = vm.addr(CAROL_KEY);
    address internal vault = address(0xFEE);

    uint256[3] internal sourceKeys = [uint256(11), 12, 13];
    bytes32 internal feed;

    function setUp() public virtual {
        vm.warp(START);
        vm.etch(address(SERIES), type(Series).runtimeCode);
        vm.etch(address(POOL), type(Pool).runtimeCode);
        vm.etch(address(ORACLE), type(Oracle).runtimeCode);
        vm.etch(address(SETTLEMENT), type(Settlement).runtimeCode);
        vm.etch(address(EXCHANGE), type(Exchange).runtimeCode);
        vm.etch(address(BTC), type(DevnetBTC).runtimeCode);
        vm.etch(address(USD), type(DevnetUSD).runtimeCode);
        _sortSources();
        feed = ORACLE.createFeed(_feedConfig());
        _report(60_000e18);
        _enrich(alice);
        _enrich(bob);
        _enrich(carol);
    }

    function _sortSources() private {
        for (uint256 i; i < 3; ++i) {
            for (uint256 j = i + 1; j < 3; ++j) {
                if (vm.addr(sourceKeys[j]) < vm.addr(sourceKeys[i])) {
                    (sourceKeys[i], sourceKeys[j]) = (sourceKeys[j], sourceKeys[i]);
                }
            }
        }
    }

    function _enrich(address trader) internal {
        BTC.mint(trader, WEALTH);
        USD.mint(trader, WEALTH);
        vm.startPrank(trader);
        BTC.approve(address(POOL), type(uint256).max);
        USD.approve(address(POOL), type(uint256).max);
        BTC.approve(address(EXCHANGE), type(uint256).max);
        USD.approve(address(EXCHANGE), type(uint256).max);
        LONGS.setOperator(address(EXCHANGE), true);
        POOL.setOperator(address(EXCHANGE), true);
        vm.stopPrank();
    }

    function _feedConfig() internal view returns (FeedConfig memory config) {
        config.description = "BTC/USD";
        config.sources = new Source[](3);
        for (uint256 i; i < 3; ++i) {
            config.sources[i] = Source(bytes32("source"), vm.addr(sourceKeys[i]));
        }
        config.minimum = 2;
        config.maxAge = 600;
        config.spacing = 60;
        config.window = 1800;
        config.fallbackDelay = 1 days;
    }

    function _signed(uint8 source, uint128 price, uint64 timestamp) internal view returns (Report memory) {
        bytes32 digest = ORACLE.priceDigest(feed, price, timestamp);
        return Report(source, price, timestamp, _sign(sourceKeys[source], digest));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev All three sources report one price now.
    function _report(uint128 price) internal {
        _report([price, price, price]);
    }

    function _report(uint128[3] memory prices) internal {
        Report[] memory reports = new Report[](3);
        for (uint8 i; i < 3; ++i) {
            reports[i] = _signed(i, prices[i], uint64(block.timestamp));
        }
        ORACLE.post(feed, reports);
    }

    /// @dev Reports through the window before `expiry`, then moves to the expiry.
    function _expireAt(uint64 expiry, uint128 price) internal {
        for (uint256 time = expiry - 1800; time < expiry; time += 600) {
            vm.warp(time);
            _report(price);
        }
        vm.warp(expiry);
    }

    function _terms(OptionType optionType, SettlementKind kind, uint128 strike, uint128 limit)
        internal
        view
        returns (Terms memory)
    {
        address settlement = kind == SettlementKind.INVERSE ? address(BTC) : address(USD);
        return Terms(address(BTC), address(USD), settlement, feed, strike, limit, EXPIRY, optionType, kind);
    }

    function _inverseCall(uint128 strike) internal returns (uint256) {
        return SERIES.create(_terms(OptionType.CALL, SettlementKind.INVERSE, strike, 0));
    }

    function _linearPut(uint128 strike) internal returns (uint256) {
        return SERIES.create(_terms(OptionType.PUT, SettlementKind.LINEAR, strike, 0));
    }

    function _inversePut(uint128 strike, uint128 floor) internal returns (uint256) {
        return SERIES.create(_terms(OptionType.PUT, SettlementKind.INVERSE, strike, floor));
    }

    function _linearCall(uint128 strike, uint128 cap) internal returns (uint256) {
        return SERIES.create(_terms(OptionType.CALL, SettlementKind.LINEAR, strike, cap));
    }

    function _write(address writer, uint256 id, uint256 quantity) internal returns (uint256) {
        vm.prank(writer);
        return POOL.write(id, quantity, writer, writer);
    }

    function _settle(uint256 id, address account) internal returns (uint256) {
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        return SETTLEMENT.settleSeries(id, accounts);
    }

    /// @dev Order of alice for one leg at 0.05 BTC, one contract; she writes what she sells.
    function _order(uint256 id, bool buy) internal view returns (Order memory order) {
        order.maker = alice;
        order.asset = address(BTC);
        order.vault = vault;
        order.feeBps = 30;
        order.pays = buy;
        order.write = true;
        order.price = 0.05e8;
        order.quantity = uint128(ONE);
        order.nonce = 1;
        order.deadline = type(uint64).max;
        order.legs = new Leg[](1);
        order.legs[0] = Leg(id, buy, 1);
    }

    function _signOrder(Order memory order, uint256 key) internal view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _exchangeDomain(), EXCHANGE.hashOrder(order)));
        return _sign(key, digest);
    }

    function _exchangeDomain() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Strikefold Exchange"),
                keccak256("1"),
                block.chainid,
                address(EXCHANGE)
            )
        );
    }

    function _fill(address taker, Order memory order, uint128 quantity) internal returns (uint256, uint256) {
        bytes memory signature = _signOrder(order, ALICE_KEY);
        vm.prank(taker);
        return EXCHANGE.fill(order, signature, quantity, true);
    }
}
