// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HubHandler} from "./HubHandler.sol";
import {PartBase} from "../parts/PartBase.sol";

/// Functions of a contract, as forge asks for them.
struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// What holds after any sequence of calls. The handler makes only calls that must succeed, so a revert is a failure too.
contract HubInvariantsTest is PartBase {
    HubHandler private handler;

    function setUp() public {
        handler = new HubHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function excludeSelectors() public view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].addr = address(handler);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = HubHandler.finish.selector;
    }

    /// forge-config: default.invariant.runs = 10
    /// forge-config: default.invariant.depth = 100
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_money() public view {
        handler.checkMoney();
        handler.checkStakes();
        handler.checkCounts();
    }

    /// Wherever a task stands, time alone ends it, everybody is paid, and next to nothing is left.
    function afterInvariant() public {
        handler.finish();
    }
}
