// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// A token that anybody mints.
contract Coin is ERC20("Coin", "C") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// Takes one part in `divisor` of every transfer; none while it is zero.
contract FeeCoin is ERC20("FeeCoin", "F") {
    uint256 public divisor;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setDivisor(uint256 divisor_) external {
        divisor = divisor_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = divisor == 0 || from == address(0) ? 0 : amount / divisor;
        super._update(from, to, amount - fee);
        if (fee > 0) super._update(from, address(0), fee);
    }
}

/// Doubles whatever is transferred to `favoured`.
contract GenerousCoin is ERC20("GenerousCoin", "G") {
    address private immutable _favoured;

    constructor(address favoured) {
        _favoured = favoured;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to == _favoured) super._update(address(0), to, amount);
    }
}

/// Refuses transfers to chosen addresses: by reverting, or by answering false.
contract RefusingCoin is ERC20("RefusingCoin", "R") {
    mapping(address to => bool) public refused;
    bool public quietly;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(address to, bool quietly_) external {
        (refused[to], quietly) = (true, quietly_);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (!refused[to]) return super.transfer(to, amount);
        require(quietly, "refused");
        return false;
    }
}

/// Returns nothing from its transfers, as some old tokens do.
contract SilentCoin {
    mapping(address owner => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Claims to have transferred, and has not.
contract LyingCoin {
    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}

/// Calls `target` with `data` in the middle of every transfer, and lets no failure pass.
contract CallingCoin is ERC20("CallingCoin", "X") {
    address private _target;
    bytes private _data;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function aim(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        address target = _target;
        if (target == address(0)) return;
        delete _target;
        (bool ok, bytes memory reason) = target.call(_data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}

contract Badge is ERC721("Badge", "B") {
    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }
}
