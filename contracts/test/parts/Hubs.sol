// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {Task} from "../../src/interfaces/IFedHub.sol";

/// What beacons ask of a hub, told by a test; and what a hub does with a beacon.
contract BeaconHub {
    address public sponsor;
    mapping(bytes32 id => mapping(uint32 round => mapping(address member => bool))) public entered;

    function setSponsor(address sponsor_) external {
        sponsor = sponsor_;
    }

    function enter(bytes32 id, uint32 round, address member) external {
        entered[id][round][member] = true;
    }

    function task(bytes32) external view returns (Task memory t) {
        t.sponsor = sponsor;
    }

    function enrol(IBeacon beacon, bytes32 id, address member, bytes32 tip) external {
        beacon.enrol(id, member, tip);
    }

    function begin(IBeacon beacon, bytes32 id, uint32 round, uint32 entered_, uint64 deadline) external {
        beacon.begin(id, round, entered_, deadline);
    }
}
