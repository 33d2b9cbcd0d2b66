"""Optuna behind ask and tell, one JSON object a line: bench/guidelines/optuna-proposer.ts asks.

    start  -> {"do": "start", "sampler": "tpe", "pruner": "none", "seed": 1, "space": {...}}   begins a new study
    ask    -> {"do": "ask"}                                     answers with a proposal
    tell   -> {"do": "tell", "metric": 0.86, "curve": [...]}    answers {"stoppedAt": null} or the tenth after which the pruner stopped
    better -> {"do": "better", "metric": 0.861}                 what more runs of the last setting gave; answers {}
"""
import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def sampler_of(name, seed):
    if name == 'tpe':
        return optuna.samplers.TPESampler(seed=seed)
    if name == 'gp':
        return optuna.samplers.GPSampler(seed=seed)
    raise SystemExit(f'Unknown sampler "{name}". Samplers: tpe, gp.')


def pruner_of(name):
    if name == 'none':
        return optuna.pruners.NopPruner()
    if name == 'median':
        return optuna.pruners.MedianPruner()
    if name == 'hyperband':
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=10)
    raise SystemExit(f'Unknown pruner "{name}". Pruners: none, median, hyperband.')


class Proposer:
    def __init__(self, sampler, pruner, seed, space):
        self.space = space
        self.study = optuna.create_study(direction='maximize', sampler=sampler_of(sampler, seed), pruner=pruner_of(pruner))
        self.trial = None

    def ask(self):
        trial = self.trial = self.study.ask()
        optimizer = trial.suggest_categorical('optimizer', list(self.space['rates']))
        low, high = self.space['rates'][optimizer]
        return {
            'optimizer': optimizer,
            'initialLr': trial.suggest_float(f'{optimizer}Lr', low, high, log=True),
            'epochs': trial.suggest_categorical('epochs', self.space['epochs']),
            'warmupEpochs': trial.suggest_categorical('warmupEpochs', self.space['warmupEpochs']),
            'decayCoefficient': trial.suggest_categorical('decayCoefficient', self.space['decayCoefficients']),
        }

    def tell(self, metric, curve):
        for tenth, value in enumerate(curve[:-1], start=1):
            self.trial.report(value, tenth)
            if self.trial.should_prune():
                self.study.tell(self.trial, state=optuna.trial.TrialState.PRUNED)
                return {'stoppedAt': tenth}
        # A diverged run counts as 0.
        self.study.tell(self.trial, metric or 0.0)
        return {'stoppedAt': None}

    def better(self, metric):
        trial = self.study.trials[self.trial.number]
        self.study.add_trial(
            optuna.trial.create_trial(value=metric, params=trial.params, distributions=trial.distributions)
        )
        return {}


def main():
    proposer = None
    for line in sys.stdin:
        message = json.loads(line)
        do = message.pop('do')
        if do == 'start':
            proposer = Proposer(**message)
            answer = {'version': optuna.__version__}
        else:
            answer = getattr(proposer, do)(**message)
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()
