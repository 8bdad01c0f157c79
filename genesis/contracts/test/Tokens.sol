// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DevnetToken} from "../l2/DevnetToken.sol";
import {POOL} from "../libraries/Predeploys.sol";

/// @dev An asset that can be told to misbehave in the ways real ones do.
contract OddToken is DevnetToken {
    uint256 public feeBps;
    uint256 public surchargeBps;
    bool public answersFalse;
    mapping(address account => bool) public refuses;
    uint256 public reenterWith;
    bytes public refusal;
    uint8 private _decimals = 8;

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function setSurcharge(uint256 bps) external {
        surchargeBps = bps;
    }

    function setRefuses(address account, bool refuse) external {
        refuses[account] = refuse;
    }

    function setDecimals(uint8 value) external {
        _decimals = value;
    }

    function setAnswersFalse(bool value) external {
        answersFalse = value;
    }

    function setReenterWith(uint256 series) external {
        reenterWith = series;
    }

    function name() public pure override returns (string memory) {
        return "Odd";
    }

    function symbol() public pure override returns (string memory) {
        return "ODD";
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        require(!refuses[to], "refused");
        if (answersFalse) return false;
        _burn(msg.sender, amount * surchargeBps / 10_000);
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (reenterWith != 0) {
            try POOL.write(reenterWith, 1, address(this), address(this)) {}
            catch (bytes memory reason) {
                refusal = reason;
            }
        }
        super.transferFrom(from, to, amount);
        _burn(to, amount * feeBps / 10_000);
        return true;
    }
}
