/** The page's own texts, for whichever of its modules is loaded first. */
import { learn } from '../../app/messages';
import { questions } from '../../app/messages/questions';

learn(questions);
