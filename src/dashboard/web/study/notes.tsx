import { useState } from 'preact/hooks';
import type { AnswerAt } from '../../views.ts';
import { act } from '../parts/data.ts';
import { moment } from '../parts/format.ts';

interface NotesProps {
  name: string;
  notes: AnswerAt<`/studies/${string}`>['notes'];
  writable: boolean;
}

export function Notes({ name, notes, writable }: NotesProps) {
  if (notes.length === 0 && !writable) return null;
  return (
    <>
      <h2>Notes</h2>
      {notes.map((note) => (
        <p key={`${note.timeMs} ${note.text}`}>
          <span class="quiet">
            {moment(note.timeMs)}
            {note.runKey && `, ${note.runKey}`}:
          </span>{' '}
          {note.text}
        </p>
      ))}
      {writable && <NewNote name={name} />}
    </>
  );
}

function NewNote({ name }: Pick<NotesProps, 'name'>) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const save = async (event: Event) => {
    event.preventDefault();
    const refused = await act(`/studies/${encodeURIComponent(name)}/notes`, { text });
    setError(refused ?? '');
    if (refused === null) setText('');
  };
  return (
    <form onSubmit={save}>
      <label for="note">Add a note</label>
      <textarea id="note" rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <div class="row">
        <button type="submit" disabled={text.trim() === ''}>
          Save note
        </button>
        <span class="bad" role="status">
          {error}
        </span>
      </div>
    </form>
  );
}
