import { join, resolve } from 'node:path';
import { openStore, type Store } from '../../../db/index.ts';
import type { StudyActions } from '../../dashboard/actions.ts';
import { cancelStudy } from '../../engine/study/cancel-study.ts';
import { storedStudy } from '../../engine/study/stored-study.ts';
import { requestPause, requestResume, requestStop } from '../../engine/study/study-requests.ts';
import { storeFileName } from '../project-option.ts';

/** The actions of the page's buttons: like the commands, they send requests to whichever process runs the study. */
export function dashboardActions(project: string): StudyActions {
  const path = join(resolve(project), storeFileName);
  const write = <T>(use: (store: Store) => T): T => {
    const store = openStore({ path });
    try {
      return use(store);
    } finally {
      store.close();
    }
  };
  return {
    stopRun: (run, reason) => void write((store) => requestStop({ store, run, reason })),
    pauseStudy: (study, { reason, stopRuns }) =>
      void write((store) => requestPause({ store, study, reason, stopRuns })),
    resumeStudy: (study, reason) => void write((store) => requestResume({ store, study, reason })),
    async cancelStudy(study, reason) {
      // Ending what a killed engine left behind takes time, so the store stays open until it is done.
      const store = openStore({ path });
      try {
        await cancelStudy({ store, study, reason });
      } finally {
        store.close();
      }
    },
    addNote(study, { runKey, text }) {
      write((store) => store.insertNote({ studyId: storedStudy(store, study).id, runKey, text, timeMs: Date.now() }));
    },
  };
}
