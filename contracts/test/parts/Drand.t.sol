// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartBase} from "./PartBase.sol";
import {BeaconHub} from "./Hubs.sol";
import {Bls, G2Point} from "../../src/beacons/Bls.sol";
import {RoundAlreadyBegun} from "../../src/beacons/BeaconErrors.sol";
import {DrandBeacon, WrongDrandKey, WrongDrandTimes, WrongDrandSignature} from "../../src/beacons/DrandBeacon.sol";

/// vectors/drand-bn254.json: beacons of drand's networks and of our own key, and images of the map.
contract DrandTest is PartBase {
    event log_named_uint(string name, uint256 value);

    uint64 private constant GENESIS = 1727521075;
    uint64 private constant PERIOD = 3;
    uint64 private constant MARGIN = 30;

    BeaconHub private hub = new BeaconHub();

    function json() private view returns (string memory) {
        return cheats.readFile("vectors/drand-bn254.json");
    }

    function path(string memory list, uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".", list, "[", cheats.toString(i), "].", field);
    }

    function words(string memory file, string memory field) private pure returns (bytes memory) {
        return cheats.parseBytes(string.concat("0x", cheats.parseJsonString(file, field)));
    }

    function key(string memory file, uint256 i) private pure returns (G2Point memory) {
        return abi.decode(words(file, path("beacons", i, "key")), (G2Point));
    }

    function beacon(uint256 i) private returns (DrandBeacon made, uint64 round, uint256[2] memory signature, bytes32 randomness) {
        string memory file = json();
        made = new DrandBeacon(key(file, i), GENESIS, PERIOD, MARGIN);
        round = uint64(cheats.parseJsonUint(file, path("beacons", i, "round")));
        signature = abi.decode(words(file, path("beacons", i, "signature")), (uint256[2]));
        randomness = bytes32(words(file, path("beacons", i, "randomness")));
    }

    function test_all_beacons() external {
        string memory file = json();
        uint256 n = 0;
        for (; cheats.keyExistsJson(file, string.concat(".beacons[", cheats.toString(n), "]")); ++n) {
            (DrandBeacon made, uint64 round, uint256[2] memory signature, bytes32 randomness) = beacon(n);
            (uint256 x, uint256 y) = Bls.hashToCurve(keccak256(abi.encodePacked(round)));
            assertEq(keccak256(abi.encode(x, y)), keccak256(words(file, path("beacons", n, "hash"))), "hash to the curve");
            made.show(round, signature);
            assertEq(made.randomnessOf(round), randomness, "randomness");
        }
        assertEq(n, 10, "beacons");
    }

    function test_map() external view {
        string memory file = json();
        uint256 n = 0;
        for (; cheats.keyExistsJson(file, string.concat(".maps[", cheats.toString(n), "]")); ++n) {
            (uint256 x, uint256 y) = Bls.toCurve(uint256(bytes32(words(file, path("maps", n, "u")))));
            assertEq(keccak256(abi.encode(x, y)), keccak256(words(file, path("maps", n, "point"))), "image");
        }
        assertEq(n, 15, "images");
    }

    function test_gas_of_a_signature() external {
        (DrandBeacon made, uint64 round, uint256[2] memory signature,) = beacon(0);
        uint256 before = gasleft();
        made.show(round, signature);
        uint256 used = before - gasleft();
        emit log_named_uint("show a drand signature", used);
        assertTrue(used < 190_000, string.concat("gas of a signature: ", cheats.toString(used)));
    }

    function test_wrong_signatures() external {
        (DrandBeacon made, uint64 round, uint256[2] memory signature,) = beacon(0);
        (,, uint256[2] memory other,) = beacon(1);
        bytes memory reason = abi.encodeWithSelector(WrongDrandSignature.selector, round);
        uint256[2][7] memory wrong = [
            other, // of another round
            [signature[0], Bls.P - signature[1]], // its negative
            [signature[0], signature[1] + 1], // off the curve
            [signature[0] + Bls.P, signature[1]], // not canonical
            [signature[0], signature[1] + Bls.P],
            [uint256(0), 0], // the identity
            [uint256(1), 2] // another point
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expect(reason);
            made.show(round, wrong[i]);
        }
        expect(abi.encodeWithSelector(WrongDrandSignature.selector, round + 1));
        made.show(round + 1, signature);
        // of another network
        (DrandBeacon testnet,,,) = beacon(2);
        expect(reason);
        testnet.show(round, signature);
        made.show(round, signature);
    }

    function test_wrong_keys() external {
        G2Point memory good = key(json(), 0);
        expect(WrongDrandKey.selector);
        new DrandBeacon(G2Point(0, 0, 0, 0), GENESIS, PERIOD, MARGIN);
        expect(WrongDrandKey.selector);
        new DrandBeacon(G2Point(good.x0, good.x1, good.y0, good.y1), GENESIS, PERIOD, MARGIN);
        expect(WrongDrandKey.selector);
        new DrandBeacon(G2Point(good.x1, good.x0, good.y1, good.y0 + Bls.P), GENESIS, PERIOD, MARGIN);
        expect(WrongDrandTimes.selector);
        new DrandBeacon(good, GENESIS, 0, MARGIN);
        expect(WrongDrandTimes.selector);
        new DrandBeacon(good, GENESIS, PERIOD, 0);
    }

    /// The first round published at a time or later: round k is published at genesis + (k - 1) period.
    function test_rounds_of_times() external {
        (DrandBeacon made,,,) = beacon(0);
        uint64[2][6] memory cases = [
            [uint64(0), 1],
            [GENESIS, 1],
            [GENESIS + 1, 2],
            [GENESIS + PERIOD, 2],
            [GENESIS + PERIOD + 1, 3],
            [GENESIS + 9_999_999 * PERIOD, 10_000_000]
        ];
        for (uint256 i = 0; i < cases.length; ++i) {
            assertEq(uint256(made.roundFrom(cases[i][0])), uint256(cases[i][1]), "round");
        }
    }

    function test_seed() external {
        (DrandBeacon made, uint64 round, uint256[2] memory signature, bytes32 randomness) = beacon(0);
        // a block in which the margin ends just when the round is published
        cheats.warp(GENESIS + uint256(round - 1) * PERIOD - MARGIN);
        hub.enrol(made, ID, ALICE, keccak256("tip"));
        (bool ready, bytes32 value, uint32 present) = made.seed(address(hub), ID, 0);
        assertTrue(!ready && value == 0 && present == 0, "not begun");
        assertTrue(!made.isPresent(address(hub), ID, 0, ALICE), "nobody yet");
        hub.begin(made, ID, 0, 5, 1);
        assertEq(uint256(made.drandRoundOf(address(hub), ID, 0)), uint256(round), "drand's round");
        (ready,, present) = made.seed(address(hub), ID, 0);
        assertTrue(!ready && present == 5, "not signed yet");
        made.show(round, signature);
        made.show(round, [uint256(0), 0]); // known already
        (ready, value, present) = made.seed(address(hub), ID, 0);
        assertTrue(ready && present == 5, "signed");
        bytes32 domain = keccak256("fedproof/beacon/drand/1");
        assertEq(value, keccak256(abi.encode(domain, block.chainid, made, hub, ID, uint32(0), round, randomness)), "value");
        assertTrue(made.isPresent(address(hub), ID, 0, ALICE), "everybody");
        expect(abi.encodeWithSelector(RoundAlreadyBegun.selector, 0));
        hub.begin(made, ID, 0, 5, 1);
    }

    /// A round that begins after its signature is known is decided by a later one.
    function test_known_signatures_decide_nothing() external {
        (DrandBeacon made, uint64 round, uint256[2] memory signature,) = beacon(0);
        made.show(round, signature);
        cheats.warp(GENESIS + uint256(round - 1) * PERIOD - MARGIN + 1);
        hub.begin(made, ID, 0, 2, 1);
        (bool ready,,) = made.seed(address(hub), ID, 0);
        assertTrue(!ready, "the next one decides");
    }
}
