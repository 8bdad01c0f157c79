// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Order} from "./Types.sol";

/// @title Signed orders over option series, filled atomically. Holds nothing. No owner.
/// @notice Approvals a trader needs: the premium asset for the Exchange (ERC-20 approve or permit); the
/// Exchange as operator in Series to sell held contracts; the Exchange as operator in Pool and the settlement asset
/// for the Pool to write.
interface IExchange {
    event Filled(
        bytes32 indexed orderHash,
        address indexed maker,
        address indexed taker,
        uint256 quantity,
        uint256 premium,
        uint256 fee
    );
    event NonceCancelled(address indexed maker, uint256 indexed nonce);
    event EpochAdvanced(address indexed maker, uint64 epoch);

    error InvalidOrder(string field);
    error InvalidSignature();
    error OrderExpired();
    error SeriesExpired(uint256 id);
    error NotTaker();
    error WrongEpoch(uint64 current);
    error NonceUsed();
    error Overfilled(uint256 remaining);
    error FillTooSmall(uint256 least);
    error PermitFailed();

    /// @notice Fills `quantity` of a signed order against the caller: all legs or none.
    /// @param takerWrites Whether legs that the caller delivers may be written for what the caller doesn't hold.
    /// @return premium Premium that the maker paid or received.
    /// @return fee Fee that the caller bore.
    function fill(Order calldata order, bytes calldata signature, uint128 quantity, bool takerWrites)
        external
        returns (uint256 premium, uint256 fee);

    /// @notice Cancels fill counters of the caller.
    function cancel(uint256[] calldata nonces) external;

    /// @notice Invalidates all orders of the caller's present epoch.
    function advanceEpoch() external returns (uint64 epoch);

    /// @notice EIP-2612 permit of `owner` for `spender` (the Exchange for premiums, the Pool for collateral).
    /// A permit that was already used is no error if the allowance is there. Combine with `fill` by `multicall`.
    function permit(
        address asset,
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Operator permit of `owner` for the Exchange in `target`, which is Series or Pool.
    /// One that was already used is no error if the Exchange is an operator.
    function permitOperator(address target, address owner, uint256 nonce, uint256 deadline, bytes calldata signature)
        external;

    /// @notice Runs several calls to this contract, all or none.
    function multicall(bytes[] calldata data) external payable returns (bytes[] memory results);

    /// @notice Filled quantity of a maker's nonce; the maximum of uint256 if cancelled.
    function filled(address maker, uint256 nonce) external view returns (uint256);
    function epochOf(address maker) external view returns (uint64);
    function hashOrder(Order calldata order) external pure returns (bytes32);
}
