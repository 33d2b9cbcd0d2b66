import type { StudyActions } from '../dashboard/actions.ts';
import { cancelStudy } from '../engine/study/cancel-study.ts';
import { storedStudy } from '../engine/study/stored-study.ts';
import { requestPause, requestResume, requestStop } from '../engine/study/study-requests.ts';
import { withWritableStore } from './writable-store.ts';

/** The page's buttons, done the way the commands do them: as requests to whichever process runs the study. */
export function dashboardActions(project: string): StudyActions {
  return {
    stopRun: (run, reason) => withWritableStore(project, (store) => void requestStop({ store, run, reason })),
    pauseStudy: (study, { reason, stopRuns }) =>
      withWritableStore(project, (store) => void requestPause({ store, study, reason, stopRuns })),
    resumeStudy: (study, reason) => withWritableStore(project, (store) => void requestResume({ store, study, reason })),
    cancelStudy: (study, reason) =>
      withWritableStore(project, async (store) => void (await cancelStudy({ store, study, reason }))),
    addNote: (study, { runKey, text }) =>
      withWritableStore(project, (store) =>
        store.insertNote({ studyId: storedStudy(store, study).id, runKey, text, timeMs: Date.now() }),
      ),
  };
}
