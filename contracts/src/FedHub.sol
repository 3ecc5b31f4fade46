// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IFedHub, Phase, Progress, Task} from "./interfaces/IFedHub.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IVerifyingKeys} from "./interfaces/IVerifyingKeys.sol";
import {StakeVault} from "./StakeVault.sol";
import {Closing} from "./protocol/Closing.sol";
import {State, Member} from "./protocol/HubState.sol";

/// Federations: tasks, members, rounds, money (docs/chain.md). Its parts, each on top of the one before: HubState (storage), Rounds (phases),
/// Members, Rewards, Sponsors, Submissions, Disputes, Closing.
contract FedHub is Closing {
    /// The vault of stakes is created here and obeys this hub alone.
    constructor(IVerifierRouter router_, IVerifyingKeys keys_) EIP712("fedproof", "1") {
        (router, keys) = (router_, keys_);
        vault = new StakeVault(address(this));
    }

    /// @inheritdoc IFedHub
    function task(bytes32 id) external view returns (Task memory) {
        return _terms(id).task;
    }

    /// @inheritdoc IFedHub
    function progress(bytes32 id) external view returns (Progress memory) {
        State storage s = _states[id];
        bool joining = s.phase == Phase.Joining;
        return Progress({
            phase: s.phase,
            round: s.round,
            deadline: s.deadline,
            members: s.members,
            entered: joining ? s.entering : s.entered,
            entering: joining ? 0 : s.entering,
            submitted: s.submitted,
            removed: s.removed,
            start: s.start,
            seed: s.seed,
            roll: s.roll
        });
    }

    /// @inheritdoc IFedHub
    function entered(bytes32 id, uint32 round, address member) external view returns (bool) {
        Member storage m = _members[id][member];
        return m.entered == round + 1 || m.submitted == round + 1;
    }

    /// @inheritdoc IFedHub
    function submittedIn(bytes32 id, uint32 round, address member) external view returns (bool) {
        return _members[id][member].submitted == round + 1;
    }
}
