// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {BeaconHub} from "./Hubs.sol";
import {Coin} from "./Tokens.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {CommitRevealBeacon} from "../../src/beacons/CommitRevealBeacon.sol";

/// Gas of the vault and the default beacon as the hub pays it: with the call, without the transaction's 21,000 and its calldata. Slots are
/// cold, as setUp is another transaction. The numbers stand in contracts/README.md.
contract PartGasTest is PartBase {
    event log_named_uint(string name, uint256 value);

    StakeVault private vault = new StakeVault(address(this));
    Coin private coin = new Coin();
    CommitRevealBeacon private beacon = new CommitRevealBeacon();
    BeaconHub private hub = new BeaconHub();
    bytes32 private constant NONCE = keccak256("nonce");

    function setUp() external {
        coin.mint(ALICE, 1000);
        cheats.prank(ALICE);
        coin.approve(address(vault), type(uint256).max);
        vault.lock(ID, coin, ALICE, 500);
        hub.enter(ID, 0, ALICE);
        hub.enter(ID, 1, ALICE);
        beacon.enrol(ID, ALICE, keccak256(abi.encode(NONCE)));
        hub.enrol(beacon, ID, ALICE, keccak256(abi.encode(keccak256(abi.encode(NONCE)))));
        hub.enrol(beacon, ID, BOB, keccak256("bob"));
        cheats.roll(block.number + 1);
        hub.begin(beacon, ID, 0, 2, uint64(block.timestamp + 10));
    }

    function spent(string memory name, uint256 before, uint256 most) private {
        uint256 used = before - gasleft();
        emit log_named_uint(name, used);
        assertTrue(used <= most, string.concat(name, ": ", cheats.toString(used)));
    }

    function test_lock() external {
        uint256 before = gasleft();
        vault.lock(ID, coin, ALICE, 500);
        spent("lock", before, 46_000);
    }

    function test_slash() external {
        uint256 before = gasleft();
        vault.slash(ID, ALICE, 100, BOB, true);
        spent("slash", before, 112_000);
    }

    function test_begin() external {
        uint256 before = gasleft();
        beacon.begin(ID, 0, 1, 2000);
        spent("begin", before, 100_000);
    }

    function test_enrol() external {
        uint256 before = gasleft();
        beacon.enrol(ID, CAROL, NONCE);
        spent("enrol", before, 62_000);
    }

    function test_reveal() external {
        cheats.prank(ALICE);
        uint256 before = gasleft();
        beacon.reveal(address(hub), ID, keccak256(abi.encode(NONCE)));
        spent("first reveal", before, 85_000);
    }

    function test_seed() external {
        uint256 before = gasleft();
        beacon.seed(address(hub), ID, 0);
        spent("seed", before, 15_000);
    }
}
