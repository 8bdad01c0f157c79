// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Multicallable} from "solady/utils/Multicallable.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {IDevnetToken as IERC20Permit} from "../interfaces/IDevnetToken.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOperatorPermit} from "../interfaces/IOperatorPermit.sol";
import {Leg, Order} from "../interfaces/Types.sol";
import {LONGS, POOL, SERIES} from "../libraries/Predeploys.sol";
import {TypedData} from "../libraries/TypedData.sol";

/// @title Signed orders over option series.
/// @notice Moves premium, fee and every leg between maker and taker in one call, or nothing. Holds no
/// assets, has no owner, sets no fee: an order names its vault and fee, and a taker accepts them by filling.
contract Exchange is IExchange, TypedData, Multicallable, ReentrancyGuardTransient {
    bytes32 private constant _LEG_TYPEHASH = keccak256("Leg(uint256 series,bool buy,uint64 ratio)");
    bytes32 private constant _ORDER_TYPEHASH = keccak256(
        "Order(address maker,address taker,address asset,address vault,uint16 feeBps,bool pays,bool write,"
        "uint128 price,uint128 quantity,uint128 minFill,uint256 nonce,uint64 epoch,uint64 deadline,Leg[] legs)"
        "Leg(uint256 series,bool buy,uint64 ratio)"
    );
    uint256 private constant _CANCELLED = type(uint256).max;
    uint256 private constant _UNIT = 1e18;
    uint256 private constant _BPS = 10_000;
    uint256 private constant _MAX_FEE_BPS = 1000;
    uint256 private constant _MAX_LEGS = 8;

    /// @inheritdoc IExchange
    mapping(address maker => mapping(uint256 nonce => uint256)) public filled;
    /// @inheritdoc IExchange
    mapping(address maker => uint64) public epochOf;

    /// @inheritdoc IExchange
    function fill(Order calldata order, bytes calldata signature, uint128 quantity, bool takerWrites)
        external
        nonReentrant
        returns (uint256 premium, uint256 fee)
    {
        _check(order);
        _consume(order, quantity);
        bytes32 orderHash = hashOrder(order);
        if (!_isSignedBy(order.maker, _digest(orderHash), signature)) revert InvalidSignature();
        (premium, fee) = _amounts(order, quantity);
        emit Filled(orderHash, order.maker, msg.sender, quantity, premium, fee);
        _pay(order, premium, fee);
        for (uint256 i; i < order.legs.length; ++i) {
            Leg calldata leg = order.legs[i];
            uint256 amount = uint256(quantity) * leg.ratio;
            if (leg.buy) _deliver(leg.series, msg.sender, order.maker, amount, takerWrites);
            else _deliver(leg.series, order.maker, msg.sender, amount, order.write);
        }
    }

    /// @inheritdoc IExchange
    function cancel(uint256[] calldata nonces) external {
        for (uint256 i; i < nonces.length; ++i) {
            filled[msg.sender][nonces[i]] = _CANCELLED;
            emit NonceCancelled(msg.sender, nonces[i]);
        }
    }

    /// @inheritdoc IExchange
    function advanceEpoch() external returns (uint64 epoch) {
        epoch = ++epochOf[msg.sender];
        emit EpochAdvanced(msg.sender, epoch);
    }

    /// @inheritdoc IExchange
    function permit(
        address asset,
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        try IERC20Permit(asset).permit(owner, spender, value, deadline, v, r, s) {}
        catch {
            if (IERC20Permit(asset).allowance(owner, spender) < value) revert PermitFailed();
        }
    }

    /// @inheritdoc IExchange
    function permitOperator(address target, address owner, uint256 nonce, uint256 deadline, bytes calldata signature)
        external
    {
        if (target != address(SERIES) && target != address(POOL)) revert PermitFailed();
        IOperatorPermit permits = IOperatorPermit(target);
        if (permits.isOperator(owner, address(this))) return;
        permits.permitOperator(owner, address(this), true, nonce, deadline, signature);
    }

    /// @inheritdoc IExchange
    function hashOrder(Order calldata order) public pure returns (bytes32) {
        bytes32[] memory legs = new bytes32[](order.legs.length);
        for (uint256 i; i < legs.length; ++i) {
            Leg calldata leg = order.legs[i];
            legs[i] = keccak256(abi.encode(_LEG_TYPEHASH, leg.series, leg.buy, leg.ratio));
        }
        // In two halves, which the stack has room for; all members are one word.
        bytes memory head = abi.encode(
            _ORDER_TYPEHASH, order.maker, order.taker, order.asset, order.vault, order.feeBps, order.pays, order.write
        );
        bytes memory tail = abi.encode(
            order.price, order.quantity, order.minFill, order.nonce, order.epoch, order.deadline, _hashWords(legs)
        );
        return keccak256(bytes.concat(head, tail));
    }

    /// @inheritdoc IExchange
    function multicall(bytes[] calldata data)
        public
        payable
        override(IExchange, Multicallable)
        returns (bytes[] memory)
    {
        return super.multicall(data);
    }

    function _domainNameHash() internal pure override returns (bytes32) {
        return keccak256("Strikefold Exchange");
    }

    /// @dev Transient storage on every chain.
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    /// @dev Counts the fill. Orders that share a nonce share the counter, so whatever was signed under a
    /// nonce, no order is filled past its own quantity.
    function _consume(Order calldata order, uint128 quantity) private {
        uint256 used = filled[order.maker][order.nonce];
        if (used == _CANCELLED) revert NonceUsed();
        uint256 remaining = FixedPointMathLib.zeroFloorSub(order.quantity, used);
        if (quantity > remaining) revert Overfilled(remaining);
        uint256 least = FixedPointMathLib.min(FixedPointMathLib.max(order.minFill, 1), remaining);
        if (quantity < least || quantity == 0) revert FillTooSmall(least);
        filled[order.maker][order.nonce] = used + quantity;
    }

    /// @dev Pays the premium and the fee, which the taker bears.
    function _pay(Order calldata order, uint256 premium, uint256 fee) private {
        (address payer, address payee) = order.pays ? (order.maker, msg.sender) : (msg.sender, order.maker);
        uint256 net = order.pays ? premium - fee : premium;
        if (net != 0) SafeTransferLib.safeTransferFrom(order.asset, payer, payee, net);
        if (fee != 0) SafeTransferLib.safeTransferFrom(order.asset, payer, order.vault, fee);
    }

    /// @dev Contracts that `from` holds go first; the rest is written if `from` agreed to that.
    function _deliver(uint256 id, address from, address to, uint256 amount, bool mayWrite) private {
        if (mayWrite) {
            uint256 held = FixedPointMathLib.min(LONGS.balanceOf(from, id), amount);
            if (held != amount) POOL.write(id, amount - held, from, to);
            amount = held;
        }
        if (amount != 0) LONGS.transferFrom(from, to, id, amount);
    }

    /// @dev All that can be wrong with an order by itself or at this time.
    function _check(Order calldata order) private view {
        if (order.taker != address(0) && order.taker != msg.sender) revert NotTaker();
        if (block.timestamp > order.deadline) revert OrderExpired();
        uint64 epoch = epochOf[order.maker];
        if (order.epoch != epoch) revert WrongEpoch(epoch);
        if (order.feeBps > _MAX_FEE_BPS) revert InvalidOrder("feeBps");
        uint256 count = order.legs.length;
        if (count == 0 || count > _MAX_LEGS) revert InvalidOrder("legs");
        for (uint256 i; i < count; ++i) {
            Leg calldata leg = order.legs[i];
            if (i != 0 && leg.series <= order.legs[i - 1].series) revert InvalidOrder("legs");
            if (leg.ratio == 0) revert InvalidOrder("ratio");
            // After expiry the payoff is known, and an order left open would be a free option.
            if (block.timestamp >= SERIES.expiryOf(leg.series)) revert SeriesExpired(leg.series);
        }
    }

    /// @dev Rounds the premium in favour of the maker, whose limit holds, and the fee up.
    function _amounts(Order calldata order, uint128 quantity) private pure returns (uint256 premium, uint256 fee) {
        uint256 product = uint256(order.price) * quantity;
        premium = order.pays ? product / _UNIT : FixedPointMathLib.divUp(product, _UNIT);
        fee = FixedPointMathLib.mulDivUp(premium, order.feeBps, _BPS);
    }

    function _hashWords(bytes32[] memory words) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(add(words, 0x20), shl(5, mload(words)))
        }
    }
}
