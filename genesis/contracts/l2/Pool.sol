// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {IPool} from "../interfaces/IPool.sol";
import {Margin} from "../interfaces/Types.sol";
import {OperatorPermit} from "../libraries/OperatorPermit.sol";
import {Payoff} from "../libraries/Payoff.sol";
import {LONGS, SERIES, SETTLEMENT} from "../libraries/Predeploys.sol";

/// @title Collateral and short positions of all series, accounted for series by series.
/// @notice Per series, at all times: locked >= payoff of all long contracts at any price. Before expiry
/// locked is the sum over writers of the collateral of their short contracts. All that a series pays comes
/// out of `locked`, and running out reverts, so a fault in one series can't reach another.
/// @dev A transfer that brings less or takes more than its amount reverts. Assets whose balances change by themselves
/// (rebasing) put the series in that asset, and only those, at risk.
contract Pool is IPool, OperatorPermit, ReentrancyGuardTransient {
    using SafeCastLib for uint256;

    struct Book {
        uint128 locked;
        uint128 supply;
    }

    mapping(uint256 id => Book) private _books;
    /// @inheritdoc IPool
    mapping(uint256 id => mapping(address writer => uint256)) public shortOf;
    /// @inheritdoc IPool
    mapping(address asset => mapping(address account => uint256)) public credits;
    mapping(address writer => mapping(address operator => bool)) private _operators;

    /// @inheritdoc IPool
    function write(uint256 id, uint256 quantity, address writer, address to)
        external
        nonReentrant
        returns (uint256 collateral)
    {
        if (msg.sender != writer && !_operators[writer][msg.sender]) revert NotOperator();
        Margin memory margin = _open(id, quantity);
        uint256 before = shortOf[id][writer];
        collateral = Payoff.collateral(margin, before + quantity) - Payoff.collateral(margin, before);
        shortOf[id][writer] = before + quantity;
        Book storage book = _books[id];
        (book.locked, book.supply) = (book.locked + collateral.toUint128(), book.supply + quantity.toUint128());
        emit Written(id, writer, to, quantity, collateral);
        _pull(margin.asset, writer, collateral);
        SERIES.mint(to, id, quantity);
    }

    /// @inheritdoc IPool
    function close(uint256 id, uint256 quantity) external nonReentrant returns (uint256 collateral) {
        Margin memory margin = _open(id, quantity);
        uint256 before = shortOf[id][msg.sender];
        if (before < quantity) revert InsufficientShort(before, quantity);
        collateral = Payoff.collateral(margin, before) - Payoff.collateral(margin, before - quantity);
        shortOf[id][msg.sender] = before - quantity;
        Book storage book = _books[id];
        (book.locked, book.supply) = (book.locked - collateral.toUint128(), book.supply - quantity.toUint128());
        emit Closed(id, msg.sender, quantity, collateral);
        SERIES.burn(msg.sender, id, quantity);
        if (!_push(margin.asset, msg.sender, collateral)) revert TransferFailed();
    }

    /// @inheritdoc IPool
    function discharge(uint256 id, address account, uint256 price) external nonReentrant returns (uint256 paid) {
        if (msg.sender != address(SETTLEMENT)) revert OnlySettlement();
        uint256 long = LONGS.balanceOf(account, id);
        uint256 short = shortOf[id][account];
        if (long | short == 0) return 0;
        Margin memory margin = SERIES.marginOf(id);
        paid = Payoff.owed(margin, long, price) + Payoff.collateral(margin, short) - Payoff.owes(margin, short, price);
        if (short != 0) shortOf[id][account] = 0;
        Book storage book = _books[id];
        (book.locked, book.supply) = (book.locked - paid.toUint128(), book.supply - long.toUint128());
        emit Discharged(id, account, long, short, paid);
        if (long != 0) SERIES.burn(account, id, long);
        if (!_push(margin.asset, account, paid)) {
            credits[margin.asset][account] += paid;
            emit Credited(margin.asset, account, paid);
        }
    }

    /// @inheritdoc IPool
    function withdraw(address asset, address to) external nonReentrant returns (uint256 amount) {
        amount = credits[asset][msg.sender];
        credits[asset][msg.sender] = 0;
        emit Withdrawn(asset, msg.sender, to, amount);
        if (!_push(asset, to, amount)) revert TransferFailed();
    }

    /// @inheritdoc IPool
    function setOperator(address operator, bool approved) external {
        _grant(msg.sender, operator, approved);
    }

    /// @inheritdoc IPool
    function locked(uint256 id) external view returns (uint256) {
        return _books[id].locked;
    }

    /// @inheritdoc IPool
    function supplyOf(uint256 id) external view returns (uint256) {
        return _books[id].supply;
    }

    /// @inheritdoc IPool
    function isOperator(address writer, address operator) external view returns (bool) {
        return _operators[writer][operator];
    }

    function _grant(address owner, address operator, bool approved) internal override {
        _operators[owner][operator] = approved;
        emit OperatorSet(owner, operator, approved);
    }

    function _domainNameHash() internal pure override returns (bytes32) {
        return keccak256("Strikefold Pool");
    }

    /// @dev Transient storage on every chain.
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    /// @dev Margin terms of a series that hasn't expired.
    function _open(uint256 id, uint256 quantity) private view returns (Margin memory margin) {
        if (quantity == 0) revert ZeroQuantity();
        margin = SERIES.marginOf(id);
        if (block.timestamp >= margin.expiry) revert Expired(id);
    }

    function _pull(address asset, address from, uint256 amount) private {
        uint256 before = SafeTransferLib.balanceOf(asset, address(this));
        SafeTransferLib.safeTransferFrom(asset, from, address(this), amount);
        uint256 received = FixedPointMathLib.zeroFloorSub(SafeTransferLib.balanceOf(asset, address(this)), before);
        if (received < amount) revert InexactTransfer(amount, received);
    }

    /// @dev False if the asset refused; nothing moved then. Never gives more than asked.
    function _push(address asset, address to, uint256 amount) private returns (bool accepted) {
        if (amount == 0) return true;
        uint256 before = SafeTransferLib.balanceOf(asset, address(this));
        accepted = _tryTransfer(asset, to, amount);
        uint256 expected = accepted ? amount : 0;
        uint256 sent = FixedPointMathLib.zeroFloorSub(before, SafeTransferLib.balanceOf(asset, address(this)));
        if (sent > expected) revert InexactTransfer(expected, sent);
    }

    /// @dev Reads at most one word of the answer, so that the asset can't make the caller pay for more.
    function _tryTransfer(address asset, address to, uint256 amount) private returns (bool accepted) {
        bytes memory data = abi.encodeWithSignature("transfer(address,uint256)", to, amount);
        assembly ("memory-safe") {
            mstore(0x00, 0)
            accepted := call(gas(), asset, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            if returndatasize() { accepted := and(accepted, eq(mload(0x00), 1)) }
        }
    }
}
