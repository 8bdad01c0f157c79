// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Multi-token of EIP-6909, which Series implements.
interface IERC6909 {
    event Transfer(address caller, address indexed from, address indexed to, uint256 indexed id, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id, uint256 amount);
    event OperatorSet(address indexed owner, address indexed operator, bool approved);

    function balanceOf(address owner, uint256 id) external view returns (uint256);
    function allowance(address owner, address spender, uint256 id) external view returns (uint256);
    function isOperator(address owner, address operator) external view returns (bool);
    function transfer(address to, uint256 id, uint256 amount) external payable returns (bool);
    function transferFrom(address from, address to, uint256 id, uint256 amount) external payable returns (bool);
    function approve(address spender, uint256 id, uint256 amount) external payable returns (bool);
    function setOperator(address operator, bool approved) external payable returns (bool);
    function name(uint256 id) external view returns (string memory);
    function symbol(uint256 id) external view returns (string memory);
    function decimals(uint256 id) external view returns (uint8);
}
