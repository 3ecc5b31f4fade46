// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// Play money for demonstrations and tests: anybody mints as much as they like, so it is worth nothing. Never use it for a task that
/// pays.
contract DevToken is ERC20 {
    constructor() ERC20("fedproof development token", "DEV") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
