// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Collateral of all series, accounted for series by series.
/// @notice A writer's collateral is always exactly `Series.collateral(id, shortOf(id, writer))`, so every
/// series holds at least its worst payoff, and none can draw on another's. No owner.
interface IPool {
    event Written(uint256 indexed id, address indexed writer, address indexed to, uint256 quantity, uint256 collateral);
    event Closed(uint256 indexed id, address indexed writer, uint256 quantity, uint256 collateral);
    event Discharged(uint256 indexed id, address indexed account, uint256 long, uint256 short, uint256 paid);
    event Credited(address indexed asset, address indexed account, uint256 amount);
    event Withdrawn(address indexed asset, address indexed account, address indexed to, uint256 amount);
    event OperatorSet(address indexed writer, address indexed operator, bool approved);

    error Expired(uint256 id);
    error ZeroQuantity();
    error NotOperator();
    error OnlySettlement();
    error InsufficientShort(uint256 have, uint256 want);
    error TransferFailed();
    /// @notice The asset moved another amount than asked (fee on transfer): not usable as collateral.
    error InexactTransfer(uint256 expected, uint256 received);

    /// @notice Locks the collateral of `quantity` contracts from `writer` and mints them to `to`.
    /// @dev The caller is the writer or one of the writer's operators; the writer has allowed the Pool to
    /// take the settlement asset.
    function write(uint256 id, uint256 quantity, address writer, address to) external returns (uint256 collateral);

    /// @notice Before expiry: burns `quantity` of the caller's long contracts against the caller's short
    /// ones and returns the collateral that this frees.
    function close(uint256 id, uint256 quantity) external returns (uint256 collateral);

    /// @notice Clears an account's position at a settlement price and pays it. Called by Settlement only.
    /// If the asset refuses the transfer, the amount is credited instead, so nobody can block a batch.
    function discharge(uint256 id, address account, uint256 price) external returns (uint256 paid);

    /// @notice Sends what was credited to the caller.
    function withdraw(address asset, address to) external returns (uint256 amount);

    function shortOf(uint256 id, address writer) external view returns (uint256);

    /// @notice Collateral that the series holds.
    function locked(uint256 id) external view returns (uint256);

    /// @notice Long contracts of the series outstanding.
    function supplyOf(uint256 id) external view returns (uint256);
    function credits(address asset, address account) external view returns (uint256);
    function isOperator(address writer, address operator) external view returns (bool);
    function setOperator(address operator, bool approved) external;
}
