// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {FedHub} from "../../src/FedHub.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {IVerifyingKeys, Shape} from "../../src/interfaces/IVerifyingKeys.sol";
import {Task} from "../../src/interfaces/IFedHub.sol";
import "../../src/protocol/HubErrors.sol";
import {HubBase} from "../hub/HubBase.sol";

/// A key whose training proofs have so many bytes.
contract LongKeys {
    uint256 private immutable _length;

    constructor(uint256 length) {
        _length = length;
    }

    function isStored(bytes32) external pure returns (bool) {
        return true;
    }

    function keyDigest(bytes32) external pure returns (bytes32) {
        return keccak256("key digest");
    }

    function setupDigest(bytes32) external pure returns (bytes32) {
        return keccak256("setup digest");
    }

    function shape(bytes32) external view returns (Shape memory) {
        return Shape(2, 3, 3, 6, 4, 8, 24, _length, 0);
    }
}

/// What an account may delegate to (EIP-7702) that wants to take its signatures back.
contract Denier is IERC1271 {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0xffffffff;
    }
}

/// Works until its owner wants a ransom; then fails, answers nothing, answers what is no truth value, or burns all gas.
contract Ransomer {
    enum Way {
        None,
        Revert,
        Nothing,
        Garbage,
        Burn
    }

    Way private _way;

    function turn(Way way) external {
        _way = way;
    }

    function enrol(bytes32, address, bytes32) external {}

    function begin(bytes32, uint32, uint32, uint64) external {}

    function seed(address, bytes32, uint32) external pure returns (bool, bytes32, uint32) {
        return (true, "seed", 3);
    }

    function isPresent(address, bytes32, uint32, address) external view returns (bool) {
        Way way = _way;
        assembly {
            if eq(way, 1) { revert(0, 0) }
            if eq(way, 2) { return(0, 0) }
            if eq(way, 3) {
                mstore(0, 2)
                return(0, 32)
            }
            if eq(way, 4) { invalid() }
        }
        return true;
    }
}

/// What a sponsor may not ask for, and what nobody can get out of or keep.
contract RefusalsTest is HubBase {
    // --- bounds of a task ------------------------------------------------------------------------------------------------

    /// A training proof that needs more than a transaction's gas cannot be shown: every claim would expire.
    function test_aTaskWhoseProofsNobodyCanVerifyIsRefused() public {
        // nW = 2, nD = 3: 7 points and those of the proof
        openWith(64 * 1017 + 63, false);
        openWith(64 * 1018, true);
    }

    function openWith(uint256 length, bool refused) private {
        FedHub other = new FedHub(router, IVerifyingKeys(address(new LongKeys(length))));
        Task memory t = bonded();
        uint256 escrow = uint256(t.rounds) * (uint256(t.reward) + t.closerFee);
        coin.mint(SPONSOR, escrow);
        bytes memory points_ = start();
        cheats.startPrank(SPONSOR);
        coin.approve(address(other), escrow);
        if (refused) expect(abi.encodeWithSelector(BadTask.selector, bytes32("keyId")));
        other.open(t, points_);
        cheats.stopPrank();
    }

    /// As many rounds as there may be, of the largest amounts do not fit the escrow.
    function test_anEscrowThatIsCutOffIsRefused() public {
        Task memory t = defaults();
        (t.rounds, t.reward, t.closerFee) = ((1 << 24) - 1, (1 << 104) - 1, (1 << 104) - 1);
        uint256 escrow = uint256(t.rounds) * (uint256(t.reward) + t.closerFee);
        coin.mint(SPONSOR, escrow);
        bytes memory points_ = start();
        cheats.startPrank(SPONSOR);
        coin.approve(address(hub), escrow);
        expect(abi.encodeWithSelector(BadTask.selector, bytes32("rounds")));
        hub.open(t, points_);
        (t.reward, t.closerFee) = (1 << 103, 1 << 103);
        hub.open(t, points_);
        cheats.stopPrank();
    }

    // --- double signatures -----------------------------------------------------------------------------------------------

    function signed(uint256 k, bytes32 id, bytes32 update_) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("fedproof"),
                keccak256("1"),
                block.chainid,
                address(hub)
            )
        );
        bytes32 content = keccak256(abi.encode(keccak256("Update(bytes32 id,uint32 round,bytes32 update)"), id, uint32(0), update_));
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(1000 + k, keccak256(abi.encodePacked("\x19\x01", domain, content)));
        return abi.encodePacked(r, s, v);
    }

    /// Code at an account does not take back what its key has signed.
    function test_anAccountCannotDelegateItsSignaturesAway() public {
        bytes32 id = begun(defaults(), 3);
        (bytes memory first, bytes memory second) = (signed(1, id, "one"), signed(1, id, "two"));
        cheats.etch(member(1), address(new Denier()).code);
        expect(abi.encodeWithSelector(WrongSignature.selector, bytes32("two")));
        hub.reportDouble(id, 0, member(1), "one", first, "two", first);
        hub.reportDouble(id, 0, member(1), "one", first, "two", second);
        assertEq(vault.stakeOf(id, member(1)), 0, "the stake is cut");
    }

    // --- beacons that fail -----------------------------------------------------------------------------------------------

    function test_aBeaconThatFailsKeepsNoStake() public {
        for (uint256 way = 1; way <= 4; ++way) {
            Task memory t = defaults();
            Ransomer ransomer = new Ransomer();
            (t.beacon, t.salt) = (IBeacon(address(ransomer)), bytes32(way));
            bytes32 id = begun(t, 3);
            submit(id, 1, 1);
            ransomer.turn(Ransomer.Way(way));
            cheats.warp(progress(id).deadline);
            hub.advance(id);
            expect(abi.encodeWithSelector(NoFault.selector, 0, member(2)));
            hub.reportAbsent(id, 0, member(2));
            cheats.prank(member(2));
            hub.quit{gas: 10_000_000}(id);
            cheats.warp(vault.withdrawableAt(id, member(2)));
            cheats.prank(member(2));
            vault.withdraw(id);
            assertEq(coin.balanceOf(member(2)), 10_000 * way, "the whole stake");
        }
    }

    /// Too little gas for the beacon is too little for the rest: nobody leaves with what an absence costs.
    function test_littleGasHidesNoFault() public {
        bytes32 id = begun(defaults(), 3);
        beacon.miss(0, member(3));
        pass(id);
        bytes memory data = abi.encodeCall(hub.quit, (id));
        for (uint256 gas_ = 30_000; gas_ < 300_000; gas_ += 500) {
            cheats.prank(member(3));
            (bool ok,) = address(hub).call{gas: gas_}(data);
            if (ok) break;
        }
        assertEq(vault.stakeOf(id, member(3)), 9_000, "punished before it left");
    }
}
