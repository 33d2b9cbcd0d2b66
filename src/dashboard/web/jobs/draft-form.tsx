import type { Choices, Draft as SentDraft } from '../../work.ts';
import { Field, PathField } from '../parts/work.tsx';

/** A first study as typed; `data` is empty for the generated phantom. */
export type Draft = Record<keyof SentDraft, string>;

/** The request from which the server writes a config. */
export function draftBody({ data, ...draft }: Draft): object {
  return {
    ...draft,
    data: data === '' ? null : data,
    workers: Number(draft.workers),
    epochs: Number(draft.epochs),
    initialLr: Number(draft.initialLr),
    batchPerWorker: Number(draft.batchPerWorker),
    channels: Number(draft.channels),
    baselineSeeds: Number(draft.baselineSeeds),
    iterations: Number(draft.iterations),
  };
}

interface DraftFormProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  standard: Choices['draft'];
  roots: readonly string[];
}

/** A form that shows each field's meaning and default below it. */
export function DraftForm({ draft, setDraft, standard, roots }: DraftFormProps) {
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const given = { draft, standard, change };
  return (
    <form class="fields" onSubmit={(event) => event.preventDefault()} aria-label="Study">
      <Field label="Name" hint="letters, digits, - and _">
        <input value={draft.name} onInput={(event) => change({ name: event.currentTarget.value })} />
      </Field>
      <Choice
        {...given}
        name="trainer"
        label="Trainer"
        hint="simulated: trains nothing, for trying out a guideline"
        options={{ embedded: 'the trainer that comes with autopilot', simulated: 'none: simulated' }}
      />
      {draft.trainer === 'embedded' && (
        <>
          <PathField
            label="Folder of slices"
            hint="made by Prepare slices; empty: a generated phantom"
            value={draft.data}
            onValue={(data) => change({ data })}
            roots={roots}
          />
          <Choice
            {...given}
            name="architecture"
            label="Network"
            hint="U-Net has skips between its levels"
            options={{ fcn: 'FCN', unet: 'U-Net' }}
          />
          <NumberField {...given} name="channels" label="Channels" hint="of its first level, doubled at each level" />
        </>
      )}
      <NumberField {...given} name="workers" label="Workers" hint="k: how many train together" />
      <NumberField {...given} name="batchPerWorker" label="Batch per worker" hint="slices per worker and step" />
      <NumberField {...given} name="epochs" label="Epochs" hint="of every run, one worker's included" />
      <NumberField
        {...given}
        name="initialLr"
        label="Initial rate"
        hint="one worker's own well-tuned learning rate"
        step="any"
      />
      <Choice
        {...given}
        name="optimizer"
        label="Optimizer"
        hint="to start with"
        options={{ sgd: 'sgd', momentum: 'momentum', adam: 'adam', lars: 'lars' }}
      />
      <Choice
        {...given}
        name="rule"
        label="Good enough"
        hint="when a setting counts as without loss: sure with more runs, or quick"
        options={{
          nonInferiority: 'repeated runs lose no more than a margin',
          thesis: 'a run and its repeat reach the baseline',
        }}
      />
      {draft.rule === 'nonInferiority' && (
        <NumberField
          {...given}
          name="baselineSeeds"
          label="Baseline runs"
          hint="of one worker, each with its own seed"
        />
      )}
      <NumberField {...given} name="iterations" label="Maximum iterations" hint="the budget, validations included" />
    </form>
  );
}

interface GivenProps<Name extends keyof Choices['draft']> {
  draft: Draft;
  standard: Choices['draft'];
  change: (part: Partial<Draft>) => void;
  name: Name;
  label: string;
  hint: string;
}

/** Names of the draft's fields that hold a number. */
type NumberName = {
  [Name in keyof Choices['draft']]: Choices['draft'][Name] extends number ? Name : never;
}[keyof Choices['draft']];

function NumberField({
  draft,
  standard,
  change,
  name,
  label,
  hint,
  step = 1,
}: GivenProps<NumberName> & { step?: 1 | 'any' }) {
  return (
    <Field label={label} hint={`${hint}; default ${standard[name]}`}>
      <input
        type="number"
        min={step === 1 ? 1 : 0}
        step={step}
        value={draft[name]}
        onInput={(event) => change({ [name]: event.currentTarget.value })}
      />
    </Field>
  );
}

type ChoiceName = Exclude<keyof Choices['draft'], NumberName>;
type ChoiceProps<Name extends ChoiceName> = GivenProps<Name> & { options: Record<Choices['draft'][Name], string> };

function Choice<Name extends ChoiceName>({ draft, standard, change, name, label, hint, options }: ChoiceProps<Name>) {
  return (
    <Field label={label} hint={`${hint}; default: ${options[standard[name]]}`}>
      <select value={draft[name]} onChange={(event) => change({ [name]: event.currentTarget.value } as Partial<Draft>)}>
        {Object.entries<string>(options).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}
